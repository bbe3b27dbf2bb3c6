"""The tables of an audit for a paper: what each side costs and delays, then each block."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from lrac_audit.report import audit_sentences, audit_tables
from lrac_audit.report.content import TypesetPart, TypesetTable
from lrac_audit.report.cost_groups import STAGE_TITLES, Grouping, cost_groups
from lrac_audit.report.cost_tables import cost_columns, cost_rows, overall_group

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

Cell = TypeVar("Cell")


def typeset_tables(audit: Audit, by: Grouping, per_frame: bool) -> list[TypesetTable]:
    """Return the table of sides, and that of layers, blocks or stages under a rule each stage."""
    terms = f"{_codec(audit)}. {_convention(audit)}"
    totals = audit_tables.totals(audit, per_frame)
    sums = [TypesetPart("", totals.rows[:-1]), TypesetPart("", totals.rows[-1:])]
    caption = f"Complexity and latency of {terms}"
    sides = TypesetTable("sides", caption, totals.columns, sums)
    caption = f"Complexity, parameters and delay by {by} of {terms}"
    columns = _without_side(cost_columns(audit, by, per_frame))
    return [sides, TypesetTable(f"{by}s", caption, columns, _parts(audit, by, per_frame))]


def _parts(audit: Audit, by: Grouping, per_frame: bool) -> list[TypesetPart]:
    """Return the groups of each stage under its title, and the whole codec."""
    parts = []
    for stage, groups in groupby(cost_groups(audit, by), lambda group: group.stage):
        rows = map(_without_side, cost_rows(audit, list(groups), per_frame))
        title = "" if by == "stage" else STAGE_TITLES[stage]
        parts.append(TypesetPart(title, [_short(row, stage) for row in rows]))
    if by == "stage":
        parts = [TypesetPart("", [row for part in parts for row in part.rows])]
    (overall,) = map(_without_side, cost_rows(audit, [overall_group(audit)], per_frame))
    return [*parts, TypesetPart("", [overall])]


def _without_side(cells: list[Cell]) -> list[Cell]:
    """Return cells or columns without the side, which the title of their stage says."""
    return [cells[0], *cells[2:]]


def _short(row: list[str], stage: str) -> list[str]:
    """Return a row whose name does not begin with the stage, which the title says."""
    return [row[0].removeprefix(f"{stage}."), *row[1:]]


def _codec(audit: Audit) -> str:
    return f"{audit.ledger.name} ({audit_sentences.running(audit)})"


def _convention(audit: Audit) -> str:
    """Return the way of counting, as a sentence of a caption."""
    found = audit.convention
    macs = "MACs, not FLOPs" if found.flops_per_mac == 1 else f"1 MAC = {found.flops_per_mac} FLOPs"
    return f"Counted by {found.name}, version {found.version}: {macs}."
