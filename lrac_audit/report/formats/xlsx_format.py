"""Reports as workbooks that calculate, for a spreadsheet program."""

from __future__ import annotations

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import WorkbookContent
from lrac_audit.report.formats.interface import Format


class XlsxFormat(Format[WorkbookContent]):
    """The report's pages as an .xlsx file, which is no text."""

    name = "xlsx"
    content = WorkbookContent
    is_text = False

    def render(self, report: WorkbookContent, screen: Screen = PLAIN) -> bytes:
        """Return the bytes of the file."""
        from lrac_audit.report.workbook.writer import workbook_bytes

        return workbook_bytes(report.pages(), report.title())
