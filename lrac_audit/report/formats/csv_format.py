"""Reports as comma-separated values, for spreadsheet programs and scripts."""

from __future__ import annotations

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import RowContent
from lrac_audit.report.formats.interface import Format


class CsvFormat(Format[RowContent]):
    """The report's rows; what is None is an empty cell."""

    name = "csv"
    content = RowContent

    def render(self, report: RowContent, screen: Screen = PLAIN) -> str:
        """Return one line a row."""
        import csv
        import io

        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(report.rows())
        return text.getvalue()
