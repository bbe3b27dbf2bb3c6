"""The workbook of a gate: its summary, and every check of every target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.report.numerals import check_figure, check_margin, check_value
from lrac_audit.report.workbook.page import Page, Value, letter

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.limits.check import Check

SUMMARY, CHECKS = "Summary", "Checks"
HEADER_ROW = 3
CHECK_HEADINGS = (
    *("Target", "Check", "Limit", "Value", "Margin", "Unit", "Status"),
    *("RVQ", "kbps", "Limits", "Convention"),
)
WIDTHS = {"Target": 44, "Tightest": 22, "Check": 26, "Limits": 22, "Convention": 22}
"""In characters, by heading."""
WIDTH = 15


class Grid(NamedTuple):
    """A title, headings, and rows of values under them."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]


def gate_pages(summary: Grid, audits: Sequence[Audit]) -> list[Page]:
    """Return the page with a row for each target, and the page with a row for each check."""
    checks = [_check_row(audit, check) for audit in audits for check in audit.verdict.checks]
    return [
        grid_page(SUMMARY, summary),
        grid_page(CHECKS, Grid("Every check of every target", CHECK_HEADINGS, checks)),
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


def grid_page(name: str, grid: Grid) -> Page:
    """Return a page of one table, which can be filtered."""
    page = Page(name, header_row=HEADER_ROW, frozen_columns=1)
    page.put("A1", grid.title, "title")
    for i, heading in enumerate(grid.headings, 1):
        page.widths[letter(i)] = WIDTHS.get(heading, WIDTH)
        page.put(f"{letter(i)}{HEADER_ROW}", heading, "header")
    last = HEADER_ROW
    for last, values in enumerate(grid.rows, HEADER_ROW + 1):
        for i, value in enumerate(values, 1):
            style = "text" if isinstance(value, str) else "decimals right"
            page.put(f"{letter(i)}{last}", value, style)
    area = f"A{HEADER_ROW}:{letter(len(grid.headings))}{last}"
    page.filtered = area
    page.marked.append(area)
    return page
