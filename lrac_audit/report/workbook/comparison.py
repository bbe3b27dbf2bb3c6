"""The page Comparison: several designs side by side, and the layers in which they differ.

The first design's figures are live; those of the others are what the auditor found when the sheet
was written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.targets import is_measured
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Row
from lrac_audit.ledger.totals import Part
from lrac_audit.report.audit_tables import shape
from lrac_audit.report.workbook.page import Page, Value, letter
from lrac_audit.report.workbook.summary import PART_TITLES

HEADER_ROW = 4
NOT_KNOWN = "not known"


class Quantity(NamedTuple):
    """One row in the table of totals."""

    title: str
    unit: str
    formula: str
    """The first design's figure, in terms of named cells."""
    of: Callable[[Audit], Value]
    style: str


def comparison_page(audits: Sequence[Audit]) -> Page:
    """Return the page for two designs or more."""
    page = Page(layout.COMPARISON, colour="#52606D", frozen_rows=0, frozen_columns=1)
    page.put("A1", "Comparison", "title")
    lead = "The first design is live; the others are values, as audited when this was written."
    page.put("A2", lead, "lead")
    page.widths = {"A": 38, "B": 10, f"C:{letter(2 + 3 * len(audits))}": 20}
    page.put(f"A{HEADER_ROW}", "Quantity", "header")
    page.put(f"B{HEADER_ROW}", "Unit", "header")
    page.heights[HEADER_ROW] = 30
    titles = _titles(audits)
    for i, title in enumerate(titles):
        page.put(f"{letter(3 + i)}{HEADER_ROW}", title, "header right")
        if i:
            column = letter(2 + len(audits) + i)
            page.put(f"{column}{HEADER_ROW}", f"{title}, difference", "header right")
    row = HEADER_ROW
    for quantity in _quantities(audits[0]):
        row += 1
        _line(page, row, quantity, audits)
    page.marked.append(f"C{HEADER_ROW + 1}:{letter(2 + len(audits))}{row}")
    _rows_that_differ(page, row + 3, audits)
    return page


def _titles(audits: Sequence[Audit]) -> list[str]:
    """Return the name of each target's file, or its path where two files have one name."""
    sources = [audit.target.source for audit in audits]
    names = [source if is_measured(source) else Path(source).name for source in sources]
    return [
        name if names.count(name) == 1 else source
        for name, source in zip(names, sources, strict=True)
    ]


def _quantities(first: Audit) -> list[Quantity]:
    unit = first.convention.unit
    lines = [Quantity("Design", "", "=design_name", lambda a: a.ledger.name, "wrap right")]
    lines += [
        Quantity(title, unit, _shown(f"summary_{part}_{{form}}"), _mflops(part), "cost")
        for part, title in PART_TITLES.items()
    ]
    total = "=(hop_samples+encoder_delay+decoder_delay)*1000/sample_rate_hz"
    lines += [
        Quantity("Total latency", "ms", total, _total_ms, "time"),
        Quantity("Bitrate", "kbps", "=INDEX(mode_kbps,mode_number)", _kbps, "time"),
        Quantity(
            "Stored, both sides",
            "values",
            "=encoder_parameters+decoder_parameters+rvq_stored",
            _stored,
            "quiet",
        ),
        Quantity(
            "State, both sides",
            "values",
            "=encoder_state+decoder_state",
            _state,
            "quiet",
        ),
        Quantity("Verdict", "", _shown("verdict_{form}"), lambda a: a.verdict.status, "mark"),
    ]
    return lines


def _shown(name: str) -> str:
    absorbed, projected = (name.replace("{form}", form) for form in ("absorbed", "projected"))
    return f'=IF(rvq_form="absorbed",{absorbed},{projected})'


def _mflops(part: Part) -> Callable[[Audit], Value]:
    def of(audit: Audit) -> Value:
        cost = audit.totals.cost(part, audit.convention).price_per_frame
        return audit.ledger.millions_per_second(cost)

    return of


def _total_ms(audit: Audit) -> Value:
    samples = latency(audit.ledger).total_samples
    return NOT_KNOWN if samples is None else audit.ledger.milliseconds(samples)


def _stored(audit: Audit) -> Value:
    return sum(row.stored_values for row in audit.ledger.rows)


def _state(audit: Audit) -> Value:
    """Return the streaming state, which is unknown for some measured codecs."""
    values = [row.state_values for row in audit.ledger.rows]
    return NOT_KNOWN if None in values else sum(value or 0 for value in values)


def _kbps(audit: Audit) -> Value:
    return audit.ledger.mode.bitrate_kbps


def _line(page: Page, row: int, quantity: Quantity, audits: Sequence[Audit]) -> None:
    page.put(f"A{row}", quantity.title)
    page.put(f"B{row}", quantity.unit, "faint")
    first = quantity.of(audits[0])
    page.calculate(f"C{row}", quantity.formula, first, quantity.style)
    for i, audit in enumerate(audits[1:], 1):
        value, cell = quantity.of(audit), f"{letter(3 + i)}{row}"
        page.put(cell, value, quantity.style)
        if isinstance(value, int | float) and isinstance(first, int | float):
            column = letter(2 + len(audits) + i)
            page.calculate(f"{column}{row}", f"={cell}-$C{row}", value - first, "margin")


def _rows_that_differ(page: Page, row: int, audits: Sequence[Audit]) -> None:
    """Write every layer that is not the same in all designs: shape, cost and delay in each."""
    last = letter(2 + 3 * len(audits))
    page.header_row = row  # of the table that runs over pages
    page.put(f"A{row - 1}", "Layers that differ, as audited", "heading")
    page.put(f"A{row}", "Layer", "header")
    page.put(f"B{row}", "Side", "header")
    page.heights[row] = 44
    for i, (title, audit) in enumerate(zip(_titles(audits), audits, strict=True)):
        unit = audit.convention.unit
        for j, text in enumerate(("shape", unit, "look-ahead, samples")):
            page.put(f"{letter(3 + 3 * i + j)}{row}", f"{title}: {text}", "header right")
    found = [{(r.side, r.name): r for r in audit.ledger.rows} for audit in audits]
    keys = dict.fromkeys(key for rows in found for key in rows)
    header = row
    for key in keys:
        rows = [rows.get(key) for rows in found]
        if any(_same(one) != _same(rows[0]) for one in rows):
            row += 1
            page.put(f"A{row}", key[1])
            page.put(f"B{row}", key[0], "faint")
            for i, (audit, one) in enumerate(zip(audits, rows, strict=True)):
                _cells(page, row, 3 + 3 * i, audit, one)
    if row == header:
        page.put(f"A{row + 1}", "none", "faint")
    else:
        page.filtered = f"A{header}:{last}{row}"


def _same(row: Row | None) -> object:
    """Return a layer in a form in which layers of two designs can be compared."""
    return row and row._replace(work=tuple(row.work.items()))  # type: ignore[arg-type]


def _cells(page: Page, row: int, column: int, audit: Audit, found: Row | None) -> None:
    if found is None:
        page.put(f"{letter(column)}{row}", "not there", "faint right")
        return
    cost = audit.ledger.millions_per_second(audit.convention.price(found.work))
    page.put(f"{letter(column)}{row}", f"{found.op} {shape(found)}", "right")
    page.put(f"{letter(column + 1)}{row}", cost, "cost")
    delay = NOT_KNOWN if found.delay_samples is None else found.delay_samples
    page.put(f"{letter(column + 2)}{row}", delay, "quiet right")
