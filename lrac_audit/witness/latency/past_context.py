"""Probe how far back one side of a codec depends on its input, with time reversed."""

from __future__ import annotations

from functools import cache

from lrac_audit.witness.latency.monotone_search import find_peak
from lrac_audit.witness.latency.perturbation import TRIALS, PerturbedClip
from lrac_audit.witness.latency.sides import GROWTH, Side


def past_context(side: Side, field: int, look_ahead: int) -> int | None:
    """Return how far before its own hop an output step of ``side`` depends on the input.

    None when no end was found. This is a look-ahead with time reversed: the input changes up to a
    position, and the question is how late the output still moves. ``field``, the receptive field of
    the convolutions by their geometry, tells where to look first.
    """
    guess = field - int(side.out_period) - look_ahead
    best = None
    for trial in range(TRIALS):
        found = _past(side, max(guess, 0), trial)
        best = found if best is None else max(best, found or best)
        if best is None or best == guess:
            break
    return best


def _past(side: Side, guess: int, trial: int) -> int | None:
    shortest = -(-guess // side.hop_samples) + 5
    for hops in (shortest, GROWTH * shortest):
        clip = PerturbedClip(side, hops, trial)
        # For a change up to this position, a step that starts a hop is the last one to move.
        last = 3 * side.hop_samples - guess % side.hop_samples

        @cache
        def staircase(reversed_step: int, clip: PerturbedClip = clip, last: int = last) -> int:
            return -clip.last_moved(last - reversed_step)

        def value(reversed_step: int, step: int, last: int = last) -> int:
            return int(-step * side.out_period) - (last - reversed_step)

        peak = find_peak(staircase, value, range(side.in_steps), side.expected_peaks(0))
        if peak is not None and -staircase(0) < clip.output.shape[2] - 1:
            return peak.value
    return None
