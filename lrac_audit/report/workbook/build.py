"""Build the pages of an audit's sheet."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.auditing.audit import Audit
from lrac_audit.errors import InputError, Problem
from lrac_audit.report.workbook.charts import charts_page
from lrac_audit.report.workbook.coder import coder_page
from lrac_audit.report.workbook.comparison import comparison_page
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.inputs import inputs_page
from lrac_audit.report.workbook.known_layers import has_formulas
from lrac_audit.report.workbook.limits import put_limits, refuse_limits
from lrac_audit.report.workbook.memory_page import memory_page
from lrac_audit.report.workbook.notes import notes_page
from lrac_audit.report.workbook.page import Page
from lrac_audit.report.workbook.prices import put_prices
from lrac_audit.report.workbook.published import baseline_table, put_published
from lrac_audit.report.workbook.rvq import rvq_page
from lrac_audit.report.workbook.sheet_of_values import pages_of_values
from lrac_audit.report.workbook.summary import SummaryPage


def sheet_pages(audit: Audit, others: Sequence[Audit] = ()) -> list[Page]:
    """Return the pages of the sheet of one design, and one that compares it with ``others``.

    The sheet of a codec that was measured, or that has layers without formulas, holds values.

    Raises:
        InputError: such a codec stands before others; or the sheet has no cells for the limits.
    """
    if audit.design is None or not has_formulas(audit.design):
        if others:
            raise InputError(audit.target.source, [_not_first(audit)])
        return pages_of_values(audit)
    refuse_limits(audit)
    figures = Figures(audit)
    summary = SummaryPage(figures)
    summary.build()
    table = baseline_table(figures)
    if table is not None:
        put_published(summary, table)
    inputs = inputs_page(figures)
    put_limits(inputs, figures)
    put_prices(inputs, figures)
    return [
        summary.page,
        *([comparison_page([audit, *others])] if others else []),
        inputs,
        coder_page(figures, "encoder"),
        rvq_page(figures),
        coder_page(figures, "decoder"),
        memory_page(figures),
        charts_page(figures),
        notes_page(figures),
    ]


def _not_first(audit: Audit) -> Problem:
    codec = "a codec that was measured" if audit.design is None else "a design of other layers"
    allowed = "first a design of the recipe's blocks, whose sheet calculates, then the others"
    return Problem("", f"{codec}, whose sheet holds values", allowed)
