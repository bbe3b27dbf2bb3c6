"""Find calls on the signal that cost the same in every clip.

How often such a call happens in a stream is not known: once an hour, or in every padded segment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.ledger.row import Kind
from lrac_audit.witness.trace.traced_run import CallWork, WorkPart

Calls = tuple[CallWork, ...]
"""One call in each of several clips."""


class Clip(NamedTuple):
    """A clip, and the work of one part of a codec in it."""

    hops: int
    part: WorkPart
    sites: Counter[int]
    """How many calls each place in the code made, those of all parts together."""

    def alone(self) -> Clip:
        """Return the same clip with the calls of its own part alone."""
        return self._replace(sites=Counter(call.site for call in self.part.calls))


def flat_calls(clips: Sequence[Clip]) -> list[Calls]:
    """Return the calls that cost the same in all of ``clips``, the shortest of which is first.

    Lookups do not matter, which are free in every convention. Beside a loop, which makes more calls
    in a longer clip, those are returned that are made elsewhere in the code, or computed of nothing
    but reductions that grow with the clip. The first steps of a loop may belong to another part
    than the later ones, as where a filter has constants for its past.
    """
    calls = [clip.part.calls for clip in clips]
    if _are_as_many(calls):
        return [
            same
            for same in zip(*calls, strict=True)
            if _is_flat(same) and (_is_of_clips(same) or not _is_looped(same[0].site, clips))
        ]
    found: list[Calls] = []
    repeated: list[CallWork] = []
    for site, each in _by_site(calls).items():
        is_looped = _is_looped(site, clips)
        if is_looped:
            repeated += each[-1]
            each = [[call for call in one if call.reduced] for one in each]
        if _are_as_many(each):
            flat = [same for same in zip(*each, strict=True) if _is_flat(same)]
            found += [same for same in flat if not is_looped or _is_of_clips(same)]
    return [same for same in found if same[0].reduced or not _is_a_step(same[0], repeated, clips)]


def _are_as_many(calls: Sequence[Sequence[CallWork]]) -> bool:
    return len({len(each) for each in calls}) == 1


def _is_looped(site: int, clips: Sequence[Clip]) -> bool:
    """Return whether a place in the code makes more calls in longer clips, in whatever part."""
    return len({clip.sites[site] for clip in clips}) > 1


def _by_site(calls: Sequence[Sequence[CallWork]]) -> dict[int, list[list[CallWork]]]:
    """Return, for each place in the code, its calls in each of the clips."""
    sites: dict[int, list[list[CallWork]]] = {}
    for index, each in enumerate(calls):
        for call in each:
            sites.setdefault(call.site, [[] for _ in calls])[index].append(call)
    return sites


def _is_flat(same: Calls) -> bool:
    """Return whether one call in several clips costs the same in all of them, and not nothing."""
    first = same[0].by_kind
    return bool(first.keys() - {Kind.LOOKUP}) and all(one.by_kind == first for one in same)


def _is_of_clips(same: Calls) -> bool:
    """Return whether one call in several clips is computed of reductions that grow with the clip.

    Those of a step of a loop do not, such as the choice of a codeword for each frame, of which the
    next frame is predicted.
    """
    return same[0].reduced < same[-1].reduced


def _is_a_step(call: CallWork, repeated: Sequence[CallWork], clips: Sequence[Clip]) -> bool:
    """Return whether a call is that step of a loop which is written before or after it.

    Then a repeated call does the same, and all calls together cost no more than the hops of the
    clip do in a stream.
    """
    if all(one.by_kind != call.by_kind for one in repeated):
        return False
    short, long = clips[0], clips[-1]
    for kind in call.by_kind:
        rise = long.part.work[kind] - short.part.work[kind]
        if short.part.work[kind] > Fraction(rise, long.hops - short.hops) * short.hops:
            return False
    return True
