"""Sums over a ledger: complexity by stage and side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import MAC_KINDS, Ledger, Row

Part = Literal[
    "encoder", "rvq_transmit", "rvq_receive", "decoder", "transmit", "receive", "overall"
]
_Stage = Literal["encoder", "rvq_transmit", "rvq_receive", "decoder", "undivided"]

_STAGES: Mapping[tuple[str, str], _Stage] = {
    ("transmit", "encoder"): "encoder",
    ("transmit", "rvq"): "rvq_transmit",
    ("receive", "rvq"): "rvq_receive",
    ("receive", "decoder"): "decoder",
    ("undivided", "undivided"): "undivided",
}
PARTS: Mapping[Part, tuple[_Stage, ...]] = {
    "encoder": ("encoder",),
    "rvq_transmit": ("rvq_transmit",),
    "rvq_receive": ("rvq_receive",),
    "decoder": ("decoder",),
    "transmit": ("encoder", "rvq_transmit"),
    "receive": ("rvq_receive", "decoder"),
    "overall": ("encoder", "rvq_transmit", "rvq_receive", "decoder", "undivided"),
}
"""The parts that a report totals, and the stages each consists of. For an undivided codec, only
``overall`` is known."""

WHOLE: tuple[Part, ...] = ("overall",)


class Cost(NamedTuple):
    """A sum of work per latent frame: as MACs, and priced by a convention."""

    macs_per_frame: int
    price_per_frame: int


def part_of(row: Row) -> _Stage:
    """Return the stage total that a row belongs to."""
    return _STAGES[row.side, row.stage]


class Totals:
    """The work of a ledger summed by stage once, to be priced by any convention."""

    def __init__(self, ledger: Ledger) -> None:
        self.problems = tuple(row.problem for row in ledger.rows if row.problem)
        """Why the costs of some rows are not known."""
        self._work: dict[_Stage, dict[str, int]] = {part: {} for part in _STAGES.values()}
        for row in ledger.rows:
            stage = self._work[part_of(row)]
            for kind, count in row.work.items():
                stage[kind] = stage.get(kind, 0) + count

    def cost(self, part: Part, convention: Convention) -> Cost:
        """Return the cost of ``part`` per latent frame."""
        stages = [self._work[stage] for stage in PARTS[part]]
        macs = sum(n for work in stages for kind, n in work.items() if kind in MAC_KINDS)
        return Cost(macs, sum(convention.price(work) for work in stages))

    def unknown_kinds(self, convention: Convention) -> list[str]:
        """Return the kinds of work in the ledger that ``convention`` has no price for."""
        kinds = {kind for work in self._work.values() for kind in work}
        return sorted(kinds - convention.prices.keys())
