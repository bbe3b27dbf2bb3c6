"""Designs whose coders work on spectra: every transform, and sizes of every kind of factor."""

from __future__ import annotations

from typing import Any

from lrac_audit.design.native.reader import read_design
from lrac_audit.design.parts import CodecDesign
from tests.reference_models.nn.spectral import tree

CHANNELS = 2


def fourier(
    window: int, hop: int, ahead: int = 0, front: str = "complex", head: str = "complex"
) -> CodecDesign:
    """Return a design of Fourier transforms, which look ahead as much as they can in all."""
    frame = {"window": window, "hop": hop}
    return _design(
        {"stft": {**frame, "look_ahead": ahead, "spectrum": front}},
        {"istft": {**frame, "look_ahead": window - hop - ahead, "spectrum": head}},
        2 * (window // 2 + 1),
    )


def cosine(hop: int, ahead: int = 0) -> CodecDesign:
    """Return a design of cosine transforms."""
    front, head = {"hop": hop, "look_ahead": ahead}, {"hop": hop, "look_ahead": hop - ahead}
    return _design({"mdct": front}, {"imdct": head}, hop)


def _design(front: dict[str, Any], head: dict[str, Any], values: int) -> CodecDesign:
    whole = tree(front, head, CHANNELS * values) | {"audio_channels": CHANNELS}
    return read_design(whole, "spectral")


SPECTRAL = {
    "factors 2 and 3": fourier(24, 8, 5),
    "a power of 2": fourier(32, 16, 3, "polar", "polar"),
    "a frame a hop": fourier(20, 20, 0, "log_magnitude", "polar"),
    "an odd number": fourier(15, 5, 10, "magnitude"),
    "a prime number": fourier(7, 1, 2, "polar"),
    "twice a prime number": fourier(22, 11, 0, "log_magnitude", "polar"),
    "one sample": fourier(1, 1, 0, "polar", "polar"),
    "two samples": fourier(2, 1, 1, "magnitude"),
    "cosines": cosine(8, 5),
    "cosines of factors 3 and 5": cosine(30, 30),
    "the fewest cosines": cosine(4),
}
