"""The pieces of a coder, and what each adds to the sums for every setting of the knobs in it.

A piece is a layer, a residual unit or a whole layer of a list. What it costs follows from its own
fields, from the width of the signal that reaches it, and from rates that are the same throughout a
search. So a few walks along the coder tell the sums of all its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from random import Random
from typing import Any, NamedTuple

from lrac_audit.auditing.exploring.space import Knob, Values
from lrac_audit.auditing.exploring.sums import Summing, Sums
from lrac_audit.design.addresses import Address, address_text, part_with_values
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.parts import DecoderBlock, EncoderBlock
from lrac_audit.design.steps import Step
from lrac_audit.ledger.walk import rows_of

Walk = Callable[[Any, int], Step]
"""Returns the step of a coder whose signal begins with so many channels."""


class Setting(NamedTuple):
    """The sums of a piece with its knobs set, and the width of the signal behind it."""

    sums: Sums
    channels_out: int


class Piece(NamedTuple):
    """A piece, and its settings."""

    knobs: tuple[int, ...]
    """The knobs that turn a field of it, by their places in the space."""
    settings: Mapping[int, Mapping[Values, Setting]]
    """By the channels before it and the values of its knobs; without those that break a rule."""


class Reached(NamedTuple):
    """How the signal comes to have a width: the channels it begins with, and earlier settings."""

    channels: int
    before: tuple[Values, ...]


def pieces_of(step: Step) -> Iterator[Step]:
    """Yield the pieces of a coder in the order of the signal."""
    for inner in step.inner or ():
        if isinstance(inner.part, EncoderBlock | DecoderBlock):
            yield from inner.inner or ()
        else:
            yield inner


class VariedCoder:
    """A coder whose pieces are set in every way that the knobs allow."""

    def __init__(
        self, name: str, part: Any, walk: Walk, knobs: Mapping[int, Knob], summing: Summing
    ) -> None:
        """``knobs`` are those that change no rate, by their places in the space."""
        self._part, self._walk, self._summing = part, walk, summing
        paths = [piece.path for piece in pieces_of(walk(part, 1))]
        inside = [_knobs_inside(name, path, knobs) for path in paths]
        self._own = [tuple(found) for found in inside]
        self._addresses = [tuple(found.values()) for found in inside]
        self._choices = [list(product(*(knobs[knob].values for knob in own))) for own in self._own]
        self._chance = Random(0)
        self._known: list[dict[tuple[int, Values], Setting | None]] = [{} for _ in paths]
        self._parts: dict[tuple[Values, ...], Any] = {}
        self._found: dict[Sequence[int], tuple[list[Piece], dict[int, Reached]]] = {}

    def pieces(self, channels: Iterable[int]) -> tuple[list[Piece], dict[int, Reached]]:
        """Return the pieces for signals that begin with ``channels``, and the widths at the end."""
        key = tuple(channels)
        if key not in self._found:
            self._found[key] = self._pieces(key)
        return self._found[key]

    def _pieces(self, channels: Sequence[int]) -> tuple[list[Piece], dict[int, Reached]]:
        reached = {width: Reached(width, ()) for width in channels}
        found = []
        for i, own in enumerate(self._own):
            settings = {width: self._settings(i, width, how) for width, how in reached.items()}
            found.append(Piece(own, settings))
            reached = {
                setting.channels_out: Reached(how.channels, (*how.before, values))
                for width, how in reversed(reached.items())
                for values, setting in settings[width].items()
            }
        return found, reached

    def part(self, choices: Sequence[Values]) -> Any:
        """Return the coder with the knobs of its first pieces set to ``choices``."""
        key = tuple(choices)
        if key not in self._parts:
            self._parts[key] = part_with_values(self._part, self._values(choices))
        return self._parts[key]

    def _settings(self, i: int, width: int, how: Reached) -> dict[Values, Setting]:
        found = {}
        for values in self._choices[i]:
            if (width, values) not in self._known[i]:
                self._learn(how.channels, (*how.before, values, *self._any_choices(i + 1)))
            setting = self._known[i][width, values]
            if setting is not None:
                found[values] = setting
        return found

    def _any_choices(self, start: int) -> Iterator[Values]:
        """Yield settings of the pieces from ``start`` on: by chance most are not yet known."""
        return (self._chance.choice(choices) for choices in self._choices[start:])

    def _learn(self, channels: int, choices: Sequence[Values]) -> None:
        """Walk the coder with its pieces set to ``choices``, and keep what each adds."""
        step = self._walk(part_with_values(self._part, self._values(choices)), channels)
        for known, piece, values in zip(self._known, pieces_of(step), choices, strict=True):
            key = piece.channels_in, values
            if key not in known:
                known[key] = self._setting(piece)

    def _setting(self, piece: Step) -> Setting | None:
        if any(_breaks_rule(piece)):
            return None
        return Setting(self._summing.of_rows(rows_of(piece)), piece.channels_out)

    def _values(self, choices: Sequence[Values]) -> dict[Address, Any]:
        return {
            address: value
            for by_knob, values in zip(self._addresses, choices, strict=False)
            for addresses, value in zip(by_knob, values, strict=True)
            for address in addresses
        }


def _knobs_inside(
    coder: str, path: str, knobs: Mapping[int, Knob]
) -> dict[int, tuple[Address, ...]]:
    """Return the fields of the piece at ``path`` that each knob turns, from inside the coder."""
    found = {}
    for place, knob in knobs.items():
        inside = [each for each in knob.addresses if address_text(each).startswith(f"{path}.")]
        if inside:
            found[place] = tuple(address[1:] for address in inside)
    return found


def _breaks_rule(step: Step) -> Iterator[bool]:
    yield bool(CHECKS.of(step.path, step.part)(step))
    for inner in step.inner or ():
        yield from _breaks_rule(inner)
