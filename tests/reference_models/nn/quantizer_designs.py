"""One small design with any quantizer: hop 240 at 24 kHz, a latent of 16 channels."""

from __future__ import annotations

from lrac_audit.design.native import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml

TEXT = """
lrac_audit_design: 1
name: small
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 24, stride: 12, channels: 6}
    - activation: elu
    - conv: {kernel: 3, channels: 8, look_ahead: 1}
    - conv: {kernel: 40, stride: 20, channels: 16}
quantizer: QUANTIZER
decoder:
  layers:
    - transposed_conv: {kernel: 40, stride: 20, channels: 8, trim: both}
    - activation: elu
    - transposed_conv: {kernel: 24, stride: 12, channels: 1}
"""


def design_of(quantizer: str) -> CodecDesign:
    """Return the design with ``quantizer``, a text of YAML."""
    return read_design(parse_yaml(TEXT.replace("QUANTIZER", quantizer), "small.yaml"), "small.yaml")
