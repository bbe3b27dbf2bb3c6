"""A small design with look-ahead, a stride and a quantizer of two layers."""

SMALL = """
lrac_audit_design: 1
name: Few layers
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 7, channels: 4, look_ahead: 2}
    - conv: {kernel: 8, stride: 4, channels: 6, look_ahead: 1}
quantizer: {layers: 2, codebook_size: 16, codebook_dim: 3}
decoder:
  layers:
    - transposed_conv: {kernel: 8, stride: 4, channels: 4}
    - conv: {kernel: 3, channels: 1}
"""
