"""The stages of a search along the signal path, and bounds on the sums of what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import NamedTuple

from lrac_audit.auditing.exploring.pieces import Piece, Setting
from lrac_audit.auditing.exploring.space import Values
from lrac_audit.auditing.exploring.sums import Sums, least, plus


class Option(NamedTuple):
    """One way to set the knobs that a stage opens."""

    values: Values
    sums: Sums
    """The sums of the stage and of the pieces without knobs behind it."""
    channels: int
    """Width of the signal before the next stage."""
    behind: Sums
    """At most the sums of all stages after it."""


class Stage(NamedTuple):
    """A piece with knobs, of which those are open that no earlier stage has set."""

    opened: tuple[int, ...]
    tied: tuple[int, ...]
    """Its knobs that earlier stages have set."""
    options: Mapping[tuple[int, Values], Sequence[Option]]
    """By the width of the signal and the values of the tied knobs."""
    designs: int
    """Designs for each setting of the earlier stages."""
    designs_behind: int
    """Designs for each setting of this and the earlier stages."""


class Run(NamedTuple):
    """Stages one after another that open no knob."""

    tied: tuple[int, ...]
    """Their knobs, all of which are set."""
    end: int
    """The stage behind them."""


class Chain(NamedTuple):
    """All stages of a search, in the order of the signal."""

    stages: Sequence[Stage]
    start: Setting | None
    """The sums of what comes before the first stage; None where no design keeps the rules."""


class _Link(NamedTuple):
    """The way to the next stage: sums on it, the width at its end, and a bound on all behind it."""

    sums: Sums
    channels: int
    behind: Sums


def linked(pieces: Sequence[Piece], counts: Mapping[int, int], channels: int, end: int) -> Chain:
    """Return the stages of ``pieces``, for a signal from ``channels`` to ``end`` channels.

    Bounds are made from the end backwards: each sum is at least the smallest that any setting of a
    piece adds, plus the bound behind it. That tied knobs must agree is left out of account, which
    makes a bound no larger.

    Args:
        pieces: All pieces, from audio to audio.
        counts: The number of values of each knob.
        channels: Channels of the signal before the first piece.
        end: Channels that the last piece must give.
    """
    zero = _zero(pieces)
    links = {end: _Link(zero, end, zero)}
    stages: list[Stage] = []
    behind = 1
    opened = _opened(pieces)
    for piece, own in zip(reversed(pieces), reversed(opened), strict=True):
        if not piece.knobs:
            links = _closed(piece, links)
            continue
        designs = behind * prod(counts[knob] for knob in own)
        stages.insert(0, _stage(piece, own, links, designs, behind))
        links = _before(stages[0], zero)
        behind = designs
    first = links.get(channels)
    return Chain(stages, None if first is None else Setting(first.sums, first.channels))


def _zero(pieces: Sequence[Piece]) -> Sums:
    for piece in pieces:
        for settings in piece.settings.values():
            for setting in settings.values():
                return (0,) * len(setting.sums)
    return ()


def _opened(pieces: Iterable[Piece]) -> list[tuple[int, ...]]:
    """Return the knobs of each piece that are in no piece before it."""
    seen: set[int] = set()
    found = []
    for piece in pieces:
        found.append(tuple(knob for knob in piece.knobs if knob not in seen))
        seen.update(piece.knobs)
    return found


def _closed(piece: Piece, links: Mapping[int, _Link]) -> dict[int, _Link]:
    """Return the links before a piece without knobs."""
    found = {}
    for channels, settings in piece.settings.items():
        for setting in settings.values():
            link = links.get(setting.channels_out)
            if link is not None:
                found[channels] = link._replace(sums=plus(setting.sums, link.sums))
    return found


def _stage(
    piece: Piece, own: tuple[int, ...], links: Mapping[int, _Link], designs: int, behind: int
) -> Stage:
    options: dict[tuple[int, Values], list[Option]] = {}
    for channels, settings in piece.settings.items():
        for values, setting in settings.items():
            link = links.get(setting.channels_out)
            if link is None:
                continue
            pairs = list(zip(piece.knobs, values, strict=True))
            tied = tuple(value for knob, value in pairs if knob not in own)
            new = tuple(value for knob, value in pairs if knob in own)
            sums = plus(setting.sums, link.sums)
            option = Option(new, sums, link.channels, link.behind)
            options.setdefault((channels, tied), []).append(option)
    tied_knobs = tuple(knob for knob in piece.knobs if knob not in own)
    return Stage(own, tied_knobs, options, designs, behind)


def _before(stage: Stage, zero: Sums) -> dict[int, _Link]:
    """Return the links that end before ``stage``, with the least that it and the rest add."""
    bounds: dict[int, list[Sums]] = {}
    for (channels, _), options in stage.options.items():
        bounds.setdefault(channels, []).extend(
            plus(option.sums, option.behind) for option in options
        )
    return {channels: _Link(zero, channels, least(each)) for channels, each in bounds.items()}


def runs_behind(stages: Sequence[Stage]) -> list[Run]:
    """Return the run of stages behind each stage, up to the next that opens a knob."""
    runs: list[Run] = []
    following = Run((), len(stages))
    for place in reversed(range(len(stages))):
        runs.insert(0, following)
        stage = stages[place]
        if stage.opened:
            following = Run((), place)
        else:
            tied = dict.fromkeys((*stage.tied, *following.tied))
            following = Run(tuple(tied), following.end)
    return runs
