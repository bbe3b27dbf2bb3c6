"""Reports as comma-separated values, for spreadsheet programs and scripts."""

from __future__ import annotations

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import RecordContent
from lrac_audit.report.formats.interface import Format


class CsvFormat(Format[RecordContent]):
    """The report's records under a header; what is None is an empty cell."""

    name = "csv"
    content = RecordContent

    def render(self, report: RecordContent, screen: Screen = PLAIN) -> str:
        """Return one line a record."""
        import csv
        import io

        records = report.records()
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(records[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
        return text.getvalue()
