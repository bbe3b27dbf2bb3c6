"""The workbook of a gate: its summary, and every check of every target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lrac_audit.report.numerals import check_figure, check_margin, check_value
from lrac_audit.report.workbook.page import Page, Value, letter

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.limits.check import Check
    from lrac_audit.report.check_summary import Summary

SUMMARY, CHECKS = "Summary", "Checks"
HEADER_ROW = 3
CHECK_HEADINGS = (
    *("Target", "Check", "Limit", "Value", "Margin", "Unit", "Status"),
    *("RVQ", "kbps", "Limits", "Convention"),
)
WIDTHS = {"Target": 44, "Tightest": 22, "Check": 26, "Limits": 22, "Convention": 22}
"""In characters, by heading."""
WIDTH = 15


def gate_pages(summary: Summary) -> list[Page]:
    """Return the page with a row for each target, and the page with a row for each check."""
    headings = [column.heading for column in summary.columns]
    checks = [
        _check_row(audit, check) for audit in summary.audits for check in audit.verdict.checks
    ]
    return [
        _page(SUMMARY, summary.counts(), headings, summary.grid()),
        _page(CHECKS, "Every check of every target", CHECK_HEADINGS, checks),
    ]


def _check_row(audit: Audit, check: Check) -> list[Value]:
    mode = audit.ledger.mode
    figures = (
        (check.limit, check_figure(check.limit)),
        (check.value, check_value(check)),
        (check.margin, check_margin(check)),
    )
    return [
        *(audit.target.source, check.id),
        *(value if isinstance(value, int | float) else text for value, text in figures),
        *(check.unit, check.status, mode.rvq, mode.bitrate_kbps),
        *(audit.verdict.limits.name, audit.convention.name),
    ]


def _page(name: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Page:
    page = Page(name, header_row=HEADER_ROW, frozen_columns=1)
    page.put("A1", title, "title")
    for i, heading in enumerate(headings, 1):
        page.widths[letter(i)] = WIDTHS.get(heading, WIDTH)
        page.put(f"{letter(i)}{HEADER_ROW}", heading, "header")
    last = HEADER_ROW
    for last, values in enumerate(rows, HEADER_ROW + 1):
        for i, value in enumerate(values, 1):
            style = "text" if isinstance(value, str) else "decimals right"
            page.put(f"{letter(i)}{last}", value, style)
    area = f"A{HEADER_ROW}:{letter(len(headings))}{last}"
    page.filtered = area
    page.marked.append(area)
    return page
