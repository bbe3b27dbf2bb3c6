"""Provenance: everything that is known about each value of a graph while its work is counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from lrac_audit.ledger.row import MAC_KINDS, Geometry
from lrac_audit.witness.onnx.graph_model import Array

NO_GEOMETRY = Geometry(1, 1)
NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class WorkRecord:
    """The work of one node in one call of the graph."""

    row: str
    """The name of the row that it belongs to."""
    op: str
    work: dict[str, int]
    geometry: Geometry = NO_GEOMETRY
    runs: int = 0
    weights: dict[str, None] = field(default_factory=dict)
    """Names of the constants that it reads."""
    states: dict[str, None] = field(default_factory=dict)
    """Names of the states that it is the first to read."""
    problem: str = ""
    after_choice: bool = False
    """Whether it works on the result of a choice, such as looked-up codewords."""
    adds_entries: bool = False
    """Whether it adds entries of tables, or such sums."""
    is_place: bool = False
    """Whether it depends on the place in the stream alone."""

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return sum(n for kind, n in self.work.items() if kind in MAC_KINDS)

    def take(self, other: WorkRecord) -> None:
        """Take over what ``other`` reads; its work is a part of this one's."""
        self.weights.update(other.weights)
        self.states.update(other.states)
        other.work, other.weights, other.states = {}, {}, {}


class Choice(NamedTuple):
    """Indices of the least or greatest of some products."""

    record: int
    """The record of the choice."""
    products: frozenset[int]
    """The records of the products that were chosen among, and of what was done to them."""
    candidates: int
    """How many were chosen among."""
    compared: int
    """Values compared."""


class Taps(NamedTuple):
    """A sum of moved copies of one tensor, each times a constant."""

    source: str
    products: frozenset[int]
    """The records of the products."""
    sums: frozenset[int]
    """The records of the sums."""


class Provenance(NamedTuple):
    """Everything that is known about one value."""

    constant: bool = False
    """Whether it does not depend on the signal."""
    array: Array | None = None
    """The value of a constant, where it is known."""
    weights: frozenset[str] = frozenset()
    """The constants of the file that it was moved or computed from, while it is one itself."""
    states: frozenset[str] = frozenset()
    """The states of which it holds values that were only moved."""
    products: frozenset[int] = NONE
    """The records of matrix products and what was added to them, if it is such a sum."""
    factors: int = -1
    """The record of the product, value by value, that it is; -1 for none."""
    difference: int = -1
    """The record of the difference that it is, of each of some with each of others."""
    squares: frozenset[int] = NONE
    """The records of the difference and the squares of which it is the squares."""
    choices: frozenset[Choice] = frozenset()
    """The choices whose indices it is made of."""
    source: str = ""
    """The computed value, or the input, of which it holds moved values alone; empty for several."""
    taps: Taps | None = None
    """The products of which it is the sum, if there are no others."""
    looked_up: bool = False
    """Whether it is a sum of entries of tables, and nothing else."""
    after_choice: bool = False
    """Whether it depends on a choice or on what was looked up."""


SIGNAL = Provenance()


def joined(parts: Iterable[Provenance]) -> Provenance:
    """Return the provenance of a value that several were moved into."""
    known = [part for part in parts if not part.constant] or [SIGNAL]
    return reduce(_join, known)._replace(constant=False, array=None, weights=frozenset())


def _join(a: Provenance, b: Provenance) -> Provenance:
    return Provenance(
        states=a.states | b.states,
        products=a.products | b.products,
        factors=a.factors if a.factors == b.factors else -1,
        difference=a.difference if a.difference == b.difference else -1,
        squares=a.squares if a.squares == b.squares else NONE,
        choices=a.choices | b.choices,
        source=a.source if a.source == b.source else "",
        taps=a.taps if a.taps == b.taps else None,
        looked_up=a.looked_up and b.looked_up,
        after_choice=a.after_choice or b.after_choice,
    )
