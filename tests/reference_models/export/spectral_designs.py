"""Designs whose coders work on spectra: every transform, and sizes of every kind of factor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lrac_audit.design.native.reader import read_design
from lrac_audit.design.parts import CodecDesign
from tests.reference_models.nn.spectral import tree

CHANNELS = 2


def fourier(
    window: int,
    hop: int,
    ahead: int = 0,
    front: str = "complex",
    head: str = "complex",
    frames: int = 1,
) -> CodecDesign:
    """Return a design of Fourier transforms, which look ahead as much as they can in all."""
    frame = {"window": window, "hop": hop}
    return _design(
        {"stft": {**frame, "look_ahead": ahead, "spectrum": front}},
        {"istft": {**frame, "look_ahead": window - hop - ahead, "spectrum": head}},
        2 * (window // 2 + 1),
        frames,
    )


def cosine(hop: int, ahead: int = 0, frames: int = 1) -> CodecDesign:
    """Return a design of cosine transforms."""
    front, head = {"hop": hop, "look_ahead": ahead}, {"hop": hop, "look_ahead": hop - ahead}
    return _design({"mdct": front}, {"imdct": head}, hop, frames)


def _design(front: dict[str, Any], head: dict[str, Any], values: int, frames: int) -> CodecDesign:
    """Return a design of so many frames of samples in each frame of codes."""
    whole = tree(front, head, CHANNELS * values) | {"audio_channels": CHANNELS}
    step = {"kernel": frames + 1, "stride": frames}
    whole["encoder"]["layers"].append({"conv": step})
    whole["decoder"]["layers"].insert(0, {"transposed_conv": step})
    return read_design(whole, "spectral")


def doubtful_phases(window: int) -> tuple[CodecDesign, NDArray[np.float32]]:
    """Return a design of phases and audio for it of frames side by side.

    Silence has phases of 0, also of negative zeros. Small negative means have phases of pi,
    whatever rounding beside them; so have all bins of frames with nothing but a negative first
    sample.
    """
    design = fourier(window, window, front="polar")
    windowed = np.random.default_rng(3).standard_normal((CHANNELS, 12, window))
    windowed -= windowed.mean(2, keepdims=True) + 1e-5
    windowed[:, -5:] = -0.0
    windowed[:, -4:, 0] = -0.5 * np.arange(1, 5)
    audio = windowed / np.sin(np.pi * (np.arange(window) + 0.5) / window) ** 2
    return design, audio.reshape(CHANNELS, -1).astype(np.float32)


SPECTRAL = {
    "factors 2 and 3": fourier(24, 8, 5),
    "a power of 2": fourier(32, 16, 3, "polar", "polar"),
    "a frame a hop": fourier(20, 20, 0, "polar", "polar"),
    "an odd number": fourier(15, 5, 10, "magnitude"),
    "a prime number": fourier(7, 1, 2, "polar", frames=5),
    "twice a prime number": fourier(22, 11, 0, "log_magnitude", "polar", frames=2),
    "one sample": fourier(1, 1, 0, "polar", "polar", frames=3),
    "two samples": fourier(2, 1, 1, "magnitude"),
    "cosines": cosine(8, 5, frames=3),
    "cosines of factors 3 and 5": cosine(30, 30),
    "the fewest cosines": cosine(4),
}
