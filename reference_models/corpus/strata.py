"""Strata of a corpus by gender and speaker, from which files are drawn evenly."""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reference_models.corpus.measurement import Measurement
from reference_models.data.manifest import Entry

UNKNOWN = "unknown"
"""The gender of speakers of whom neither an annotation nor a sure estimate says more."""
SURE_FROM = 0.8
"""Confidence from which the estimates of a speaker's gender, averaged over files, are believed."""


@dataclass(frozen=True, slots=True)
class Strata:
    """How much of which speakers is kept."""

    excluded_speakers: frozenset[str] = frozenset()
    """Speakers of the test set."""
    min_speaker_minutes: float = 0.0
    """Speakers with less are left out."""
    max_speaker_minutes: float | None = None
    """More of one speaker is left out; None for no limit."""
    hours: float | None = None
    """Hours to keep in all; None for all there are."""
    balance_genders: bool = False
    """Whether as much is kept of men as of women."""
    seed: int = 0


class Drawn(NamedTuple):
    """The outcome of drawing from strata."""

    kept: set[str]
    """Uids."""
    reasons: dict[str, str]
    """Why each other file went, by uid."""


def speaker_of(entry: Entry) -> str:
    """Return the speaker of ``entry``; a file whose speaker is not known is one of its own."""
    return entry.speaker or f"the speaker of {entry.uid}"


def speaker_genders(
    entries: Iterable[Entry], rows: Mapping[str, Measurement], annotated: Mapping[str, str]
) -> dict[str, str]:
    """Return ``m``, ``f`` or ``unknown`` by speaker: as annotated, else by the pitch of files."""
    votes: dict[str, list[float]] = defaultdict(list)
    for entry in entries:
        row = rows[entry.uid]
        own = votes[speaker_of(entry)]
        if row.gender is not None and row.gender_confidence is not None:
            own.append(row.gender_confidence if row.gender == "f" else 1 - row.gender_confidence)
    return {name: annotated.get(name) or _gender(own) for name, own in votes.items()}


def _gender(probabilities_of_woman: Sequence[float]) -> str:
    if not probabilities_of_woman:
        return UNKNOWN
    female = sum(probabilities_of_woman) / len(probabilities_of_woman)
    if max(female, 1 - female) < SURE_FROM:
        return UNKNOWN
    return "f" if female > 0.5 else "m"


def draw(entries: Sequence[Entry], genders: Mapping[str, str], strata: Strata) -> Drawn:
    """Draw files of ``entries`` by ``strata``; the same seed draws the same files.

    Files of a speaker come in random order. The next file is always one of the speaker of whom
    least was taken, so that durations per speaker are as even as they can be.
    """
    reasons: dict[str, str] = {}
    by_speaker = _speakers(entries, strata, reasons)
    kept: set[str] = set()
    for gender, speakers, seconds in _shares(by_speaker, genders, strata):
        _draw_evenly({name: by_speaker[name] for name in speakers}, seconds, kept)
        for name in speakers:
            left = (entry.uid for entry in by_speaker[name] if entry.uid not in kept)
            reasons.update(dict.fromkeys(left, f"enough of gender {gender}"))
    return Drawn(kept, reasons)


def _speakers(
    entries: Sequence[Entry], strata: Strata, reasons: dict[str, str]
) -> dict[str, list[Entry]]:
    """Return the files of each speaker that may be drawn, in random order, and why others went."""
    by_speaker: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(entries):
        by_speaker[speaker_of(entry)].append(entry)
    found = {}
    for name, own in sorted(by_speaker.items()):
        random.Random(f"{strata.seed} {name}").shuffle(own)
        if name in strata.excluded_speakers:
            reasons.update(dict.fromkeys((one.uid for one in own), "speaker is excluded"))
        elif _seconds(own) < 60 * strata.min_speaker_minutes:
            reasons.update(dict.fromkeys((one.uid for one in own), "too little of the speaker"))
        else:
            found[name] = _capped(own, strata.max_speaker_minutes, reasons)
    return found


def _capped(own: list[Entry], minutes: float | None, reasons: dict[str, str]) -> list[Entry]:
    """Return the first of ``own`` that fit into ``minutes``."""
    taken, left_s = [], float("inf") if minutes is None else 60 * minutes
    for entry in own:
        if entry.duration_s <= left_s:
            taken.append(entry)
            left_s -= entry.duration_s
        else:
            reasons[entry.uid] = "enough of the speaker"
    return taken


def _shares(
    by_speaker: Mapping[str, list[Entry]], genders: Mapping[str, str], strata: Strata
) -> Iterable[tuple[str, list[str], float]]:
    """Yield each stratum of genders, its speakers, and the seconds to draw of it."""
    all_hours = float("inf") if strata.hours is None else strata.hours
    if not strata.balance_genders:
        yield "any", list(by_speaker), 3600 * all_hours
        return
    groups: dict[str, list[str]] = {"f": [], "m": [], UNKNOWN: []}
    for name in by_speaker:
        groups[genders[name]].append(name)
    there = [sum(_seconds(by_speaker[name]) for name in groups[one]) for one in "fm"]
    each = min(*there, 3600 * all_hours / 2)
    yield "f", groups["f"], each
    yield "m", groups["m"], each
    yield UNKNOWN, groups[UNKNOWN], 0.0


def _draw_evenly(by_speaker: Mapping[str, list[Entry]], seconds: float, kept: set[str]) -> None:
    """Add to ``kept`` until ``seconds`` are reached; a file that would exceed them is left out."""
    queue = [(0.0, order, iter(own)) for order, own in enumerate(by_speaker.values())]
    heapq.heapify(queue)
    while queue:
        taken_s, order, files = heapq.heappop(queue)
        entry = next((one for one in files if one.duration_s <= seconds), None)
        if entry is not None:
            kept.add(entry.uid)
            seconds -= entry.duration_s
            heapq.heappush(queue, (taken_s + entry.duration_s, order, files))


def _seconds(entries: Iterable[Entry]) -> float:
    return sum(entry.duration_s for entry in entries)
