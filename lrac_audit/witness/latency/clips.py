"""Lengths of the clips that a codec is traced on."""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.witness.target import AuditTarget

MULTIPLE_OF_HOPS = 12
"""Clips are multiples of so many hops where they can be, so that what repeats every 2, 3, 4 or 6
hops repeats a whole number of times."""
SHORT_HOPS, SHORT_SAMPLES = 24, 1 << 17
"""Length of the shorter clip, and the most samples that it may have beyond ``FEWEST_HOPS``."""
FEWEST_HOPS, FEWEST_SAMPLES = 6, 256
LONG_SECONDS, LONG_HOPS, LONG_SAMPLES = 10, 600, 1 << 18
"""Bounds on the longer clip; the least of them holds. In half of it, what happens every hundredth
hop happens three times."""
GROWTH = 4
"""Factor from a length to the next one to try."""


def clip_lengths(target: AuditTarget, *, with_values: bool) -> Iterator[tuple[int, int]]:
    """Yield pairs of lengths in hops to try in turn, until a model takes the shorter one.

    With values every operation is computed, and the longer clip is kept short.
    """
    short = _short_hops(target.hop_samples)
    for _ in range(3):
        yield short, GROWTH * short if with_values else max(_long_hops(target), GROWTH * short)
        short *= GROWTH


def _short_hops(hop_samples: int) -> int:
    wanted = max(SHORT_HOPS, _whole(-(-FEWEST_SAMPLES // hop_samples) + MULTIPLE_OF_HOPS - 1))
    return max(FEWEST_HOPS, min(wanted, SHORT_SAMPLES // hop_samples))


def _long_hops(target: AuditTarget) -> int:
    seconds = LONG_SECONDS * target.sample_rate_hz // target.hop_samples
    return _whole(min(seconds, LONG_HOPS, LONG_SAMPLES // target.hop_samples))


def _whole(hops: int) -> int:
    return hops - hops % MULTIPLE_OF_HOPS
