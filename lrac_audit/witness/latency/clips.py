"""Lengths of the clips that a codec is traced on."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.witness.target import AuditTarget

MULTIPLE_OF_HOPS = 12
"""Clips are multiples of so many hops where they can be, so that what repeats every 2, 3, 4 or 6
hops repeats a whole number of times."""
SHORT_HOPS, SHORT_SAMPLES = 24, 1 << 17
"""Length of the shorter clip, and the most samples that it may have beyond ``FEWEST_HOPS``."""
FEWEST_HOPS, FEWEST_SAMPLES = 6, 256
PERIODS_HOPS = 300, 128
"""Last lengths to try for models that take whole periods alone, such as chunks of 25 or 64 hops."""
LONG_SECONDS, LONG_HOPS, LONG_SAMPLES = 10, 600, 1 << 18
"""Bounds on the longer clip; the least of them holds. In half of it, what happens every hundredth
hop happens three times."""
GROWTH = 4
"""Factor from a length to the next one to try."""


class ClipLengths(NamedTuple):
    """Lengths in hops to try in turn."""

    short_hops: tuple[int, ...]
    long_hops: tuple[int, ...]


def clip_lengths(target: AuditTarget, *, with_values: bool) -> ClipLengths:
    """Return the lengths of the two clips that ``target`` is traced on.

    Other lengths follow for models that refuse short or long clips. With values every operation is
    computed, and the longer clip is kept short.
    """
    short = _short_hops(target.hop_samples)
    more = short, GROWTH * short, GROWTH**2 * short
    long = max(_long_hops(target), GROWTH * short)
    return ClipLengths((*more, *PERIODS_HOPS), more[1:2] if with_values else (long, *more[1:2]))


def _short_hops(hop_samples: int) -> int:
    wanted = max(SHORT_HOPS, _whole(-(-FEWEST_SAMPLES // hop_samples) + MULTIPLE_OF_HOPS - 1))
    return max(FEWEST_HOPS, min(wanted, SHORT_SAMPLES // hop_samples))


def _long_hops(target: AuditTarget) -> int:
    seconds = LONG_SECONDS * target.sample_rate_hz // target.hop_samples
    return _whole(min(seconds, LONG_HOPS, LONG_SAMPLES // target.hop_samples))


def _whole(hops: int) -> int:
    return hops - hops % MULTIPLE_OF_HOPS
