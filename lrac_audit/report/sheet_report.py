"""The report that is a design sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lrac_audit.report.content import PageContent, RowContent, WorkbookContent

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.report.blocks import PageSection
    from lrac_audit.report.workbook.page import Page, Value


@dataclass(frozen=True)
class SheetReport(WorkbookContent, RowContent, PageContent):
    """The sheet of the first audit, and a page that compares it with the others."""

    audits: Sequence[Audit]

    def pages(self) -> Sequence[Page]:
        """Return the pages of the workbook."""
        return self._pages

    def title(self) -> str:
        """Return the name of the first codec."""
        return self.audits[0].ledger.name

    def rows(self) -> Iterable[Sequence[Value]]:
        """Return all pages one below the other, with the page's name in the first column."""
        from lrac_audit.report.workbook.readable import sheet_rows

        return sheet_rows(self._pages)

    def page_sections(self) -> Sequence[PageSection]:
        """Return every page under its name."""
        from lrac_audit.report.workbook.readable import sheet_sections

        return sheet_sections(self._pages)

    @cached_property
    def _pages(self) -> list[Page]:
        from lrac_audit.report.workbook.build import sheet_pages

        return sheet_pages(self.audits[0], self.audits[1:])
