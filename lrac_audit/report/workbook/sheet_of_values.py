"""The sheet that holds values: of a codec that was measured, or of layers without formulas here.

Only sums and margins are formulas. Such a sheet says so, has no inputs, and is no design.
"""

from __future__ import annotations

from lrac_audit import __version__
from lrac_audit.auditing.audit import Audit
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.scratch import scratch
from lrac_audit.ledger.totals import part_of
from lrac_audit.report.audit_sentences import quantizer_form
from lrac_audit.report.numerals import check_figure, check_margin, check_value
from lrac_audit.report.workbook.layers_of_values import known, layers_of_values
from lrac_audit.report.workbook.page import Page, Value

_REPORT = "This sheet is a report; it cannot be read back as a design."
_MEASURED = (
    "Measured, not walked: values, without formulas behind them, since there is no closed form. "
    + _REPORT
)
_DERIVED = (
    "Derived from the design in closed form, written as values: the formulas of a sheet know only "
    f"the layers of the recipe's blocks. {_REPORT} To change the codec, edit the design's file."
)


def pages_of_values(audit: Audit) -> list[Page]:
    """Return the pages of the sheet of a codec whose layers have no formulas in a sheet."""
    return [_summary(audit), layers_of_values(audit, _note(audit)), _notes(audit)]


def _note(audit: Audit) -> str:
    return _MEASURED if audit.ledger.measured else _DERIVED


def _summary(audit: Audit) -> Page:
    page = Page(layout.SUMMARY)
    ledger = audit.ledger
    page.widths = {"A": 36, "B:E": 16, "F": 40}
    page.put("A1", ledger.name, "title")
    page.put("A2", _note(audit), "lead")
    facts = _facts(audit)
    for row, (label, value) in enumerate(facts.items(), 4):
        page.put(f"A{row}", label)
        page.put(f"B{row}", value, "whole right")
    page.name_cell("sample_rate_hz", "B4")
    page.name_cell("hop_samples", "B5")
    row = _parts(page, audit, 6 + len(facts))
    row = _delays(page, audit, row + 2)
    _checks(page, audit, row + 2)
    return page


def _facts(audit: Audit) -> dict[str, Value]:
    ledger, mode = audit.ledger, audit.ledger.mode
    facts: dict[str, Value | None] = {
        "Sample rate, Hz": ledger.sample_rate_hz,
        "Hop, samples": ledger.hop_samples,
        "Counting convention": audit.convention.name,
        "Limit set": audit.verdict.limits.title,
        "Quantizer": quantizer_form(audit) or None,
        "Quantizer layers on": mode.active_layers,
        "Bitrate, kbps": mode.bitrate_kbps,
    }
    return {label: value for label, value in facts.items() if value is not None}


def _parts(page: Page, audit: Audit, row: int) -> int:
    """Write the cost of each part, summed over the layers; return the last row."""
    page.put(f"A{row}", "Cost", "header")
    page.put(f"B{row}", audit.convention.unit, "header right")
    ledger, price, first = audit.ledger, audit.convention.price, row + 1
    costs: dict[str, int] = {}
    for one in ledger.rows:
        costs[part_of(one)] = costs.get(part_of(one), 0) + price(one.work)
    for part, cost in costs.items():
        row += 1
        page.put(f"A{row}", part)
        formula = f"=SUMIF(layer_parts,A{row},layer_costs)*sample_rate_hz/(hop_samples*1000000)"
        page.calculate(f"B{row}", formula, ledger.millions_per_second(cost), "cost")
    row += 1
    page.put(f"A{row}", "overall", "bold")
    total = ledger.millions_per_second(sum(costs.values()))
    page.calculate(f"B{row}", f"=SUM(B{first}:B{row - 1})", total, "cost bold")
    return row


def _delays(page: Page, audit: Audit, row: int) -> int:
    """Write latency and memory; return the last row."""
    ledger, found, working = audit.ledger, latency(audit.ledger), scratch(audit.ledger)
    lines: dict[str, int | None] = {
        "buffering, samples": found.buffering_samples,
        "total latency, samples": found.total_samples,
    }
    for side in dict.fromkeys(one.side for one in ledger.rows):
        kept = memory(ledger, side)
        lines[f"stored values, {side}"] = kept.total_stored_values
        lines[f"streaming state, values, {side}"] = kept.state_values
        lines[f"held by skip paths, values, {side}"] = kept.held_values
        lines[f"scratch, peak values, {side}"] = working[side].peak_values if working else None
    page.put(f"A{row}", "Latency and memory", "header")
    page.put(f"B{row}", None, "header")
    for label, value in lines.items():
        row += 1
        page.put(f"A{row}", label)
        page.put(f"B{row}", known(value, audit), "quiet right")
    return row


def _checks(page: Page, audit: Audit, row: int) -> None:
    for column, text in zip("ABCDE", ("Check", "Limit", "Value", "Margin", "Mark"), strict=True):
        style = "header" if column == "A" else "header centre" if column == "E" else "header right"
        page.put(f"{column}{row}", text, style)
    first = row + 1
    for check in audit.verdict.checks:
        row += 1
        page.put(f"A{row}", f"{check.id}, {check.unit}")
        figures = (
            (check.limit, check_figure(check.limit)),
            (check.value, check_value(check)),
            (check.margin, check_margin(check)),
        )
        for column, (value, shown) in zip("BCD", figures, strict=True):
            page.put(
                f"{column}{row}", value if isinstance(value, int | float) else shown, "time right"
            )
        page.put(f"E{row}", check.status, "mark")
    row += 1
    page.put(f"A{row}", "Verdict", "bold")
    page.put(f"E{row}", audit.verdict.status, "mark")
    page.marked.append(f"E{first}:E{row}")


def _notes(audit: Audit) -> Page:
    page = Page(layout.NOTES)
    page.widths = {"A": 28, "B": 110}
    convention = audit.convention
    lines = (
        ("Written by", f"lrac-audit {__version__}"),
        ("Source", audit.target.source),
        ("What this is", _note(audit)),
        ("Convention", f"{convention.name}, version {convention.version}: {convention.summary}"),
        ("Fate", "counted; ignored on purpose, with the reason; uncounted: not known to the tool"),
    )
    page.put("A1", "Notes", "title")
    for row, (label, text) in enumerate(lines, 3):
        page.put(f"A{row}", label, "bold wrap")
        page.put(f"B{row}", text, "wrap")
        page.heights[row] = 14 * (1 + len(text) // 115) + 2
    return page
