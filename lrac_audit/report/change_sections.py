"""The part of a page that shows in what a codec differs from the earlier audit it is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.auditing.comparison.compare import Comparison, compare
from lrac_audit.auditing.comparison.figures import figures_of
from lrac_audit.report.blocks import Heading, PageSection, Paragraph
from lrac_audit.report.comparison_report import ComparisonReport

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.increase import Increase


def change_sections(audit: Audit) -> list[PageSection]:
    """Return the totals before and after, and the layers that differ; none without a baseline."""
    if audit.increase is None:
        return []
    title = Heading(f"Change since {audit.increase.baseline}")
    comparison = _comparison(audit.increase, audit)
    if not comparison.differences[0].differing:
        return [[title, Paragraph("No layer differs.")]]
    return [[title], *ComparisonReport(comparison).page_sections()]


def changed_sections(audit: Audit) -> list[PageSection]:
    """Return the same under the name of the target; none where no layer differs."""
    if audit.increase is None:
        return []
    comparison = _comparison(audit.increase, audit)
    if not comparison.differences[0].differing:
        return []
    title = Heading(f"{audit.target.source}: change since {audit.increase.baseline}")
    return [[title], *ComparisonReport(comparison).page_sections()]


def _comparison(increase: Increase, audit: Audit) -> Comparison:
    """Return the earlier codec and that of today."""
    before = figures_of(increase.earlier, increase.baseline)
    return compare([before, figures_of(audit.document(), audit.target.source)])
