"""The part of a page that shows in what a codec differs from the earlier audit it is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.auditing.comparison.compare import compare
from lrac_audit.auditing.comparison.figures import figures_of
from lrac_audit.report.blocks import Heading, PageSection, Paragraph
from lrac_audit.report.comparison_report import ComparisonReport

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def change_sections(audit: Audit) -> list[PageSection]:
    """Return the totals before and after, and the layers that differ; none without a baseline."""
    if audit.increase is None:
        return []
    before = figures_of(audit.increase.earlier, audit.increase.baseline)
    comparison = compare([before, figures_of(audit.document(), audit.target.source)])
    title = Heading(f"Change since {audit.increase.baseline}")
    if not comparison.differences[0].differing:
        return [[title, Paragraph("No layer differs.")]]
    return [[title], *ComparisonReport(comparison).page_sections()]
