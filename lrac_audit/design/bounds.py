"""The largest values of a design that are believed; beyond them lies a mistake or an attack."""

from __future__ import annotations

MAX_SIZE = 1 << 20
"""Kernel, dilation, stride, groups, channels, codewords."""
MAX_PARTS = 64
"""Blocks in a coder, units in a block, convolutions in a unit, LSTM or RVQ layers."""
MAX_HOP_SAMPLES = 1 << 24
MAX_SAMPLE_RATE_HZ = 10_000_000
MAX_NAME_CHARACTERS = 200
