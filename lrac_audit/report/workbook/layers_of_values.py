"""The page Layers of a sheet of values: one row for each operation, and one for each block.

The rows of a block's operations fold up under the row that sums them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from lrac_audit.auditing.audit import Audit
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.conventions import fate_of
from lrac_audit.ledger.row import Row
from lrac_audit.ledger.totals import part_of
from lrac_audit.report.audit_tables import shape
from lrac_audit.report.cost_groups import block_of
from lrac_audit.report.workbook.page import Page, Value, letter

_COLUMNS = {
    "Layer": 44,
    "Side": 11,
    "Part": 14,
    "Operation": 18,
    "Shape": 22,
    "Rate, Hz": 12,
    "MACs per frame": 15,
    "Cost per frame": 15,
    "Cost, millions/s": 15,
    "Parameters": 13,
    "Past, samples": 12,
    "Look-ahead, samples": 12,
    "State, values": 12,
    "Fate": 11,
    "Why": 50,
}
_LEFT = ("Layer", "Side", "Part", "Operation", "Fate", "Why")
_STYLES = {"Rate, Hz": "decimals", "Cost, millions/s": "cost", "Fate": "indent"}
_SUMMED = (
    "MACs per frame",
    "Cost per frame",
    "Cost, millions/s",
    "Parameters",
    "Past, samples",
    "Look-ahead, samples",
    "State, values",
)
"""Columns of which a block has the sum."""
_UNBOUNDED, _UNKNOWN = "unbounded", "not known"


def layers_of_values(audit: Audit, note: str) -> Page:
    """Return the page, with ``note`` under its title."""
    page = Page(layout.LAYERS, header_row=layout.HEADER_ROW, frozen_columns=1, large=True)
    origin = "measured" if audit.ledger.measured else "derived"
    page.put("A1", f"Layers, as {origin}", "title")
    page.put("A2", note, "lead")
    page.heights[layout.HEADER_ROW] = 30
    for i, (header, width) in enumerate(_COLUMNS.items(), 1):
        page.widths[letter(i)] = width
        style = "header" if header in _LEFT else "header right"
        style += " indent" if header == "Fate" else ""
        page.put(f"{letter(i)}{layout.HEADER_ROW}", header, style)
    at = layout.FIRST_ROW
    for (block, side, _), group in groupby(audit.ledger.rows, _place):
        rows = [_values(audit, row) for row in group]
        if len(rows) > 1:
            _put_block(page, at, [block, side], rows)
            page.groups.append((at + 1, at + len(rows)))
            at += 1
        for values in rows:
            _put_row(page, at, values)
            at += 1
    page.filtered = f"A{layout.HEADER_ROW}:{letter(len(_COLUMNS))}{at - 1}"
    page.name_cell("layer_parts", f"C{layout.FIRST_ROW}:C{at - 1}")
    page.name_cell("layer_costs", f"H{layout.FIRST_ROW}:H{at - 1}")
    return page


def known(value: int | None, audit: Audit) -> Value:
    """Return a figure; a design lacks it only where no number bounds it."""
    if value is None:
        return _UNKNOWN if audit.ledger.measured else _UNBOUNDED
    return value


def _place(row: Row) -> tuple[str, str, str]:
    return block_of(row.name), row.side, part_of(row)


def _put_row(page: Page, at: int, values: Sequence[Value]) -> None:
    for i, (header, value) in enumerate(zip(_COLUMNS, values, strict=True), 1):
        plain = "text" if header in _LEFT else "quiet right"
        page.put(f"{letter(i)}{at}", value, _STYLES.get(header, plain))


def _put_block(page: Page, at: int, names: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    """Write the sums of the rows below; its part stays empty, since the parts are summed up too."""
    first = dict(zip(_COLUMNS, [*names, None, layout.BLOCK], strict=False))
    for i, header in enumerate(_COLUMNS, 1):
        cell, found = f"{letter(i)}{at}", [row[i - 1] for row in rows]
        if header not in _SUMMED:
            page.put(cell, first.get(header), "block")
            continue
        style = f"{_STYLES.get(header, 'quiet right')} block"
        unknown = next((value for value in found if isinstance(value, str)), None)
        if unknown is None:
            formula = f"=SUM({letter(i)}{at + 1}:{letter(i)}{at + len(rows)})"
            total = sum(value for value in found if isinstance(value, int | float))
            page.calculate(cell, formula, total, style)
        else:
            page.put(cell, unknown, style)


def _values(audit: Audit, row: Row) -> list[Value]:
    ledger, cost = audit.ledger, audit.convention.price(row.work)
    fate, why = fate_of(row, audit.convention)
    past = _UNBOUNDED if row.past_samples is None else row.past_samples
    return [
        *(row.name, row.side, part_of(row), row.op, shape(row)),
        *(ledger.per_second(row.runs_per_frame), row.macs_per_frame, cost),
        *(ledger.millions_per_second(cost), row.stored_values, past),
        *(known(row.delay_samples, audit), known(row.state_values, audit), fate, why or None),
    ]
