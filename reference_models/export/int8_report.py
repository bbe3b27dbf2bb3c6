"""The report on weights in 8 bits: what they save, and what they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reference_models.audio.reading import Block
from reference_models.bitstream.packing import Indices

Score = Callable[[Block, Block, int], float | None]
"""Returns a score of decoded audio, given the original and the sample rate; None if it has none."""


class Int8Report(NamedTuple):
    """Weights in 8 bits beside the same weights in single precision, on audio."""

    bytes_before: int
    """Size of the graphs or weights of the sides that are in 8 bits."""
    bytes_after: int
    seconds: float
    """Audio that was coded."""
    changed_codes: tuple[float, ...]
    """Share of codes that changed in each layer."""
    snr_db: float
    """Audio decoded from the same codes, over its difference."""
    pesq: tuple[float | None, float | None]
    """Wide-band PESQ before and after; None without the package or without speech."""

    def __str__(self) -> str:
        codes = ", ".join(f"{100 * share:.1f}" for share in self.changed_codes)
        saved = self.bytes_before - self.bytes_after
        lines = [
            f"8 bits: {self.bytes_after:,} bytes in place of {self.bytes_before:,}; "
            f"{saved:,} saved",
            f"on {self.seconds:.1f} s of audio that took no part in the calibration:",
            f"  codes changed, by layer: {codes} %",
            f"  SNR of the audio decoded from the same codes: {self.snr_db:.1f} dB",
        ]
        if None not in self.pesq:
            lines.append(
                "  PESQ: {:.3f}, after {:.3f} in single precision".format(*self.pesq[::-1])
            )
        return "\n".join(lines)


Int8Export = tuple[list[Path], Int8Report]
"""The files that an export wrote, and the report."""


def changed(before: Indices, after: Indices) -> tuple[float, ...]:
    """Return the share of codes ``[n, F]`` that changed in each layer."""
    return tuple((before != after).mean(1).tolist())


def snr_db(before: Block, after: Block) -> float:
    """Return the level of ``before`` over that of its difference from ``after``."""
    error = float(((before - after).astype(float) ** 2).sum())
    level = float((before.astype(float) ** 2).sum())
    return float(10 * np.log10(level / error)) if error else float("inf")
