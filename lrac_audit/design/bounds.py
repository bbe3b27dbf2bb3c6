"""Largest values that a design may have; a larger one is a mistake or an attack."""

from __future__ import annotations

MAX_SIZE = 1 << 20
"""Bound on kernel, dilation, stride, groups, channels and codewords."""
MAX_PARTS = 64
"""Bound on blocks in a coder, units in a block, convolutions in a unit, LSTM and RVQ layers."""
MAX_HOP_SAMPLES = 1 << 24
MAX_SAMPLE_RATE_HZ = 10_000_000
MAX_NAME_CHARACTERS = 200
