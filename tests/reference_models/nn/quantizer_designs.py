"""One small design with any quantizer: hop 240 at 24 kHz, a latent of 16 channels."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor

from lrac_audit.design.native import read_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError
from reference_models.nn.codec import Codec, Receiver, Transmitter

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


def streamed(codec: Codec, audio: Tensor) -> tuple[Tensor, Tensor]:
    """Return codes and audio as a stream gives them, sent in parts and received frame by frame."""
    sender, receiver = Transmitter(codec), Receiver(codec)
    sent = [sender.push(part) for part in audio.split(100, 2)] + [sender.flush()]
    codes = torch.cat(sent, 2)
    heard = [receiver.push(part) for part in codes.split(1, 2)] + [receiver.flush()]
    return codes, torch.cat(heard, 2)


def assert_refused(quantizer: str, message: str) -> None:
    """Assert that ``quantizer`` is refused for one problem, which contains ``message``."""
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        design_of(quantizer)
    assert len(refused.value.problems) == 1
