"""Compare codecs with the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from lrac_audit.auditing.comparison.alignment import Pair, aligned
from lrac_audit.auditing.comparison.figures import QUANTITIES, Figures, Quantity
from lrac_audit.errors import InputError, Problem


class Change(NamedTuple):
    """One figure of a codec beside that of the codec it is compared with."""

    quantity: Quantity
    before: float | None
    after: float | None

    @property
    def absolute(self) -> float | None:
        """The difference; None where one of the two is unknown or has no bound."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def relative(self) -> float | None:
        """The difference as a share of the figure before; None where that is 0 or unknown."""
        return self.absolute / self.before if self.before and self.absolute is not None else None


@dataclass(frozen=True)
class Difference:
    """All in which one codec differs from another."""

    before: Figures
    after: Figures

    @cached_property
    def changes(self) -> list[Change]:
        """The figures of the whole codecs, of those that one of the two has."""
        found = map(self.change, QUANTITIES)
        return [each for each in found if (each.before, each.after) != (None, None)]

    def change(self, quantity: Quantity) -> Change:
        """Return one figure of both codecs."""
        key = quantity.key
        return Change(quantity, self.before.values[key], self.after.values[key])

    @cached_property
    def pairs(self) -> list[Pair]:
        """The layers of both, aligned."""
        return aligned(self.before.layers, self.after.layers)

    @property
    def differing(self) -> list[Pair]:
        """The layers that were changed, added or removed."""
        return [pair for pair in self.pairs if not pair.is_equal]


@dataclass(frozen=True)
class Comparison:
    """Codecs, and how each but the first differs from the first."""

    codecs: tuple[Figures, ...]

    @cached_property
    def differences(self) -> list[Difference]:
        """One for each codec after the first."""
        first, *others = self.codecs
        return [Difference(first, other) for other in others]


def compare(codecs: Sequence[Figures]) -> Comparison:
    """Compare codecs with the first of them.

    Raises:
        InputError: they are fewer than two, or are not counted by one convention.
    """
    if len(codecs) < 2:
        problem = Problem("TARGET", f"{len(codecs)} of them", "at least two codecs")
        raise InputError("options", [problem])
    convention = codecs[0].convention
    problems = [
        Problem("convention", each.convention, f"{convention}, that of {codecs[0].source}")
        for each in codecs
        if each.convention != convention
    ]
    if problems:
        other = next(each.source for each in codecs if each.convention != convention)
        raise InputError(other, problems)
    return Comparison(tuple(codecs))
