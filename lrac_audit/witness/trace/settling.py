"""Find for each part of a codec two clips between which its cost is that of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrac_audit.ledger.row import ALL_KINDS, MAC_KINDS
from lrac_audit.witness.trace.clip_runs import Axis, ClipRuns
from lrac_audit.witness.trace.flat_calls import Calls, Clip, flat_calls
from lrac_audit.witness.trace.periods import (
    Cost,
    OutOfReach,
    Span,
    by_edges,
    by_scan,
    first_that_agrees,
    is_even,
    is_quadratic,
)
from lrac_audit.witness.trace.traced_run import CallWork, Key, WorkPart

UNBOUNDED = (
    "cost grows with the length of the clip (such as attention over the whole clip): "
    "not bounded per second"
)
SETTLING = (0, 840)
"""Steps beyond the longest of the first three clips at which a window may be full at last."""
TAIL = (1, 37)
"""Steps beyond such a clip that show how its cost grows from there."""
CHECK_STEPS = 149
"""Steps beyond that clip at which a period that was found there must be right."""
SHORT_PERIOD, LONG_PERIOD = 16, 64
"""How long a period with several edges may be: found in short clips, and in longer ones."""
PROBED_STEPS = (1, 2, 4, 8, 16, 32, 64)
PROBED_SECONDS = (1, 2, 3, 5, 10, 20, 30, 60)
"""Where to look for the end of a segment to which a clip is padded."""


@dataclass(frozen=True)
class Settling:
    """The search for the steady state of each part of a codec."""

    runs: ClipRuns
    axis: Axis
    hops_per_s: float

    def part_keys(self) -> list[Key]:
        """Return the parts that happen in any clip, in the order in which they run."""
        return list(dict.fromkeys(key for run in self.runs.successful() for key in run.parts))

    def any_part(self, key: Key) -> WorkPart:
        """Return the part in the shortest clip in which it has a problem, else is there at all."""
        parts = [run.parts[key] for run in self.runs.successful() if key in run.parts]
        return next((part for part in parts if part.problem), parts[0])

    def span(self, key: Key) -> Span | str:
        """Return two lengths of the steady state in steps, or why there are none."""
        start, far = self.axis.start, self.axis.far
        beyond = [] if self.axis.beyond is None else [self.axis.beyond]
        if self._is_settled(key, (start, start + 1, far, *beyond)):
            return Span(start, far, 1)
        known = (start, start + 1, far, *beyond)
        if self._is_of_whole_clips(key, known) or self._is_beside_a_loop(key, known):
            return self._not_found(key)
        is_growing = False
        for later in SETTLING:
            base = far + later
            lengths = (base, *(base + step for step in TAIL))
            try:
                if self._is_settled(key, lengths):
                    return Span(base, lengths[-1], 1)
                is_growing = self._is_growing(key, (base - far + start, *lengths))
            except OutOfReach:
                break
            if not is_growing:
                break
        return UNBOUNDED if is_growing else self._period(key)

    def _period(self, key: Key) -> Span | str:
        """Return a period of more than one step, or why none is found."""

        def cost(step: int) -> Cost:
            return self._cost(key, step)

        start, far = self.axis.start, self.axis.far
        for candidates, known in (
            (by_edges(cost, start, self._probes(start)), far),
            (by_edges(cost, far, self._probes(far)), far + CHECK_STEPS),
            (by_scan(cost, start, SHORT_PERIOD), far),
            (by_scan(cost, far, LONG_PERIOD), far + CHECK_STEPS),
        ):
            found = first_that_agrees(cost, candidates, known)
            if found is not None and not self._has_flat_macs(key, (found.short, found.long)):
                return found
        return self._not_found(key)

    def _not_found(self, key: Key) -> str:
        """Return why no period is known."""
        hops = self.runs.successful()[-1].hops
        how_long = f"{hops} hops ({hops / self.hops_per_s:.3g} s)"
        if self._flat_calls(key, (self.axis.start, self.axis.start + 1, self.axis.far)):
            return (
                f"part of it costs the same in every clip of up to {how_long}: how often it "
                "happens in a stream is not known"
            )
        return f"its cost repeats in no period that clips of up to {how_long} show"

    def _probes(self, start: int) -> list[int]:
        """Return lengths at which a period may have ended: soon, or after whole seconds."""
        seconds = [round(seconds * self.hops_per_s) for seconds in PROBED_SECONDS]
        whole = [(hops - self.axis.offset) // self.axis.unit + 1 for hops in seconds]
        return sorted({*(start + step for step in PROBED_STEPS), *whole})

    def _is_settled(self, key: Key, lengths: Sequence[int]) -> bool:
        """Return whether the cost grows evenly, and no call on the signal always costs the same."""

        def cost(step: int) -> Cost:
            return self._cost(key, step)

        return is_even(cost, lengths) and not flat_calls(self._clips(key, lengths))

    def _is_of_whole_clips(self, key: Key, lengths: Sequence[int]) -> bool:
        """Return whether what always costs the same is computed of reductions of whole clips.

        Those grow with the clip, as they do not in a clip that is padded to a segment. Without
        multiply-accumulates, such as a threshold for a loudness, it is looked at only where longer
        clips cost more to run: elsewhere the search is short.
        """
        flat = self._flat_calls(key, lengths)
        is_long = self.runs.reach.on_meta and self.axis.beyond is None
        if not flat or not (is_long or any(_has_macs(same[0]) for same in flat)):
            return False
        return all(same[0].reduced < same[-1].reduced for same in flat)

    def _is_beside_a_loop(self, key: Key, lengths: Sequence[int]) -> bool:
        """Return whether a call on the signal that always costs the same stands beside a loop.

        In long clips a loop makes so many calls that no period is looked for.
        """
        first, last = (len(self.part(key, step).calls) for step in (lengths[0], lengths[-1]))
        return first != last and any(not same[0].reduced for same in self._flat_calls(key, lengths))

    def _has_flat_macs(self, key: Key, lengths: Sequence[int]) -> bool:
        """Return whether a call that multiplies and accumulates costs the same at all lengths."""
        return any(_has_macs(same[0]) for same in self._flat_calls(key, lengths))

    def _is_growing(self, key: Key, lengths: Sequence[int]) -> bool:
        return is_quadratic(lambda step: self._cost(key, step), lengths)

    def _flat_calls(self, key: Key, lengths: Sequence[int]) -> list[Calls]:
        """Return the calls on the signal that cost the same in clips of all these lengths.

        This part is looked at alone, so that no long search follows calls that no loop of it makes.
        """
        return flat_calls([clip.alone() for clip in self._clips(key, lengths)])

    def _clips(self, key: Key, lengths: Sequence[int]) -> list[Clip]:
        """Return the clips of these lengths with the work of a part in them."""
        runs = [self.runs.at(self.axis.hops(step)) for step in lengths]
        return [Clip(run.hops, run.part(key), run.sites) for run in runs]

    def _cost(self, key: Key, step: int) -> Cost:
        """Return the work of each kind at a length in steps."""
        part = self.part(key, step)
        return tuple(part.work[kind] for kind in ALL_KINDS)

    def part(self, key: Key, step: int) -> WorkPart:
        """Return the work of a part in the clip of a length in steps."""
        return self.runs.at(self.axis.hops(step)).part(key)


def _has_macs(call: CallWork) -> bool:
    return any(kind in MAC_KINDS for kind in call.by_kind)
