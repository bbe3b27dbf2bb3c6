"""The report on one codec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.report.blocks import (
    Bullets,
    Heading,
    PageSection,
    Paragraph,
    ScreenSection,
    StatusLine,
    listed,
)
from lrac_audit.report.content import (
    CardContent,
    DocumentContent,
    PageContent,
    RecordContent,
    ScreenContent,
    TypesetContent,
    TypesetTable,
)

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.console.layout import Table
    from lrac_audit.report.blocks import IllustratedSection
    from lrac_audit.report.cost_groups import Grouping


@dataclass(frozen=True)
class AuditReport(
    ScreenContent, PageContent, DocumentContent, RecordContent, TypesetContent, CardContent
):
    """The cost and delay of every layer, the totals of each side, and the verdict."""

    audit: Audit
    per_frame: bool = False
    """Whether tables show costs per codec frame instead of per second."""
    verbose: bool = False
    """Whether a screen also lists what was ignored on purpose, and every finding."""
    by: Grouping | None = None
    """Parts whose MACs, cost, parameters and share tables show; None: layers with their shapes."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return layers, totals, memory and remarks, and the verdict last."""
        from lrac_audit.report import audit_sentences, audit_tables

        audit = self.audit
        sections: list[ScreenSection] = [
            [Heading(audit.ledger.name), Paragraph(audit_sentences.terms(audit))],
            [self._costs()],
            [audit_tables.totals(audit, self.per_frame)],
            [audit_tables.storage(audit)],
            [Bullets(audit_sentences.remarks(audit))],
        ]
        if self.verbose:
            operations = audit_sentences.ignored_operations(audit)
            keys = audit_sentences.ignored_keys(audit.target.ignored)
            sections += listed("Operations ignored on purpose", operations)
            sections += listed("Recipe keys ignored on purpose", keys)
        unknown = audit_sentences.uncounted_operations(audit)
        sections += listed("Operations that are not known", unknown)
        if audit.agreement is not None:
            from lrac_audit.report import witness_tables

            sections += witness_tables.sections(audit.agreement, self.verbose)
        verdict = StatusLine("verdict", audit.verdict.status)
        return [*sections, [audit_tables.checks(audit), verdict]]

    def title(self) -> str:
        """Return the name of the codec."""
        return f"Audit of {self.audit.ledger.name}"

    def page_sections(self) -> Sequence[PageSection]:
        """Return the verdict first, then totals, layers, memory and remarks."""
        from lrac_audit.report import audit_sentences, audit_tables

        audit = self.audit
        return [
            [verdict_heading(audit)],
            [Paragraph(audit_sentences.terms(audit))],
            [audit_tables.checks(audit)],
            [audit_tables.totals(audit, self.per_frame)],
            [self._costs()],
            [audit_tables.storage(audit)],
            [Bullets(audit_sentences.remarks(audit))],
        ]

    def illustrated_sections(self) -> Sequence[IllustratedSection]:
        """Return the verdict first, then pictures, every table and the provenance."""
        from lrac_audit.report.audit_page import audit_page, layer_table

        costs = layer_table(self.audit, self.per_frame) if self.by is None else self._costs()
        return audit_page(self.audit, costs, self.per_frame)

    def typeset_tables(self) -> Sequence[TypesetTable]:
        """Return the table of the sides, and that of blocks or of what is asked for."""
        from lrac_audit.report.typeset_tables import typeset_tables

        return typeset_tables(self.audit, self.by or "block", self.per_frame)

    def document(self) -> Mapping[str, Any]:
        """Return the document that ``docs/json.md`` describes."""
        return self.audit.document()

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return the ``layers`` of the document, or their sums; what has no bound is None."""
        if self.by is not None:
            from lrac_audit.report.cost_tables import cost_records

            return cost_records(self.audit, self.by)
        from lrac_audit.auditing.document import layers

        return layers(self.audit)

    def card_title(self) -> str:
        """Return the name of the codec."""
        return self.audit.ledger.name

    def card_metadata(self) -> Mapping[str, Any]:
        """Return tags for a model hub, and the main figures."""
        from lrac_audit.report.model_card import card_metadata

        return card_metadata(self.audit)

    def card_sections(self) -> Sequence[PageSection]:
        """Return totals, memory, checks and remarks."""
        from lrac_audit.report.model_card import card_sections

        return card_sections(self.audit)

    def _costs(self) -> Table:
        """Return the table of layers, or of their sums."""
        if self.by is not None:
            from lrac_audit.report.cost_tables import cost_table

            return cost_table(self.audit, self.by, self.per_frame)
        from lrac_audit.report.audit_tables import layers

        return layers(self.audit, self.per_frame)


def verdict_heading(audit: Audit, terms: str = "") -> Heading:
    """Return the name of a codec with its verdict, and with the terms where they are given."""
    named = f"{audit.ledger.name} ({terms})" if terms else audit.ledger.name
    return Heading(f"{named}: {audit.verdict.status}")
