"""The costs of a codec summed by layer, by block or by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from lrac_audit.ledger.totals import part_of

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.ledger.row import Row

Grouping = Literal["layer", "block", "stage"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
STAGE_TITLES: Mapping[str, str] = {
    "encoder": "encoder",
    "rvq_transmit": "RVQ, transmit",
    "rvq_receive": "RVQ, receive",
    "decoder": "decoder",
    "undivided": "whole codec",
}
"""Titles of the stages, each on its side."""


class CostGroup(NamedTuple):
    """Layers of one stage whose costs stand in one sum."""

    name: str
    """The layer, the block or the title of the stage."""
    side: str
    stage: str
    """A key of :data:`STAGE_TITLES`."""
    macs_per_frame: int
    price_per_frame: int
    stored_values: int
    delay_samples: int | None
    """None where no number bounds it, or it was not measured."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing in the group costs, stores or delays anything."""
        counts = (self.macs_per_frame, self.price_per_frame, self.stored_values)
        return not any(counts) and self.delay_samples == 0


def block_of(name: str) -> str:
    """Return the block of a layer: its name up to the first number in it, or else the whole name.

    >>> block_of("encoder.blocks.0.residual.1.convs.0")
    'encoder.blocks.0'
    """
    words = name.split(".")
    number = next((i for i, word in enumerate(words) if word.isdecimal()), len(words))
    return ".".join(words[: number + 1])


def cost_groups(audit: Audit, by: Grouping) -> list[CostGroup]:
    """Return the groups in the order of the signal, without those that are empty."""
    members: dict[tuple[str, str, str], list[Row]] = {}
    for row in audit.ledger.rows:
        stage = part_of(row)
        names = {"layer": row.name, "block": block_of(row.name), "stage": STAGE_TITLES[stage]}
        members.setdefault((names[by], row.side, stage), []).append(row)
    groups = [_group(audit, *key, rows) for key, rows in members.items()]
    return [group for group in groups if not group.is_empty]


def _group(audit: Audit, name: str, side: str, stage: str, rows: Sequence[Row]) -> CostGroup:
    delays = [row.delay_samples for row in rows]
    return CostGroup(
        name,
        side,
        stage,
        sum(row.macs_per_frame for row in rows),
        sum(audit.convention.price(row.work) for row in rows),
        sum(row.stored_values for row in rows),
        None if None in delays else sum(delay or 0 for delay in delays),
    )


def shares(audit: Audit, groups: Sequence[CostGroup]) -> list[float]:
    """Return the share of each group in the overall cost."""
    total = audit.totals.cost("overall", audit.convention).price_per_frame
    return [group.price_per_frame / total if total else 0.0 for group in groups]
