"""A codec of few layers and some audio, with which weights in 8 bits are tested."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lrac_audit import audit
from reference_models.nn.codec import Codec
from tests.reference_models.nn.filling import filled_codec

SMALL = """
lrac_audit_design: 1
name: Few layers
sample_rate_hz: 24000
encoder:
  layers:
    - conv: {kernel: 7, channels: 4}
    - conv: {kernel: 240, stride: 240, channels: 6}
quantizer: {layers: 2, codebook_size: 16, codebook_dim: 3}
decoder:
  layers:
    - transposed_conv: {kernel: 240, stride: 240, channels: 4}
    - conv: {kernel: 3, channels: 1}
"""
FRAMES = 60


def small_codec() -> Codec:
    """Return the codec with weights that are no noise floor."""
    return filled_codec(audit(SMALL).design, seed=1)


def audio() -> NDArray[np.float32]:
    """Return frames of noise around 0.2, ``[F, 1, 1, hop]``."""
    noise = np.random.default_rng(0).standard_normal((FRAMES, 1, 1, 240))
    return (0.2 + 0.1 * noise).astype(np.float32)
