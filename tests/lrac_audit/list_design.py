"""A small design of lists of layers, with every kind of layer in it."""

from __future__ import annotations

from pathlib import Path

LISTS = """\
lrac_audit_design: 1
name: Lists
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 7, channels: 6}
    - residual:
        layers:
          - activation: elu
          - depthwise_conv: {kernel: 5, look_ahead: 2}
          - layer_norm
          - conv: {kernel: 1, channels: 8}
          - activation: gelu
          - linear: {channels: 6}
    - conv: {kernel: 24, stride: 12, channels: 8}
    - conv: {kernel: 40, stride: 20, channels: 12}
    - gru: {width: 10}
    - rms_norm
quantizer: {layers: 6, codebook_size: 1024, codebook_dim: 4, modes: [1, 6]}
decoder:
  layers:
    - lstm: {width: 8}
    - transposed_conv: {kernel: 40, stride: 20, channels: 8, trim: both}
    - repeat: {factor: 4}
    - activation: {name: leaky_relu, negative_slope: 0.2}
    - conv: {kernel: 5, channels: 9}
    - pixel_shuffle: {factor: 3}
    - conv: {kernel: 3, channels: 1, bias: false}
"""


def write_lists(folder: Path, text: str = LISTS) -> Path:
    """Write the design into ``folder`` and return its path."""
    path = folder / "lists.yaml"
    path.write_text(text, encoding="utf-8")
    return path
