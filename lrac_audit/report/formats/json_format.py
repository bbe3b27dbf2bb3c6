"""Reports as JSON, for other programs."""

from __future__ import annotations

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import DocumentContent
from lrac_audit.report.formats.interface import Format


class JsonFormat(Format[DocumentContent]):
    """The report's document as JSON."""

    name = "json"
    content = DocumentContent

    def render(self, report: DocumentContent, screen: Screen = PLAIN) -> str:
        """Return strict JSON, which has no NaN or infinity."""
        import json

        document = report.document()
        return json.dumps(document, indent=report.json_indent, allow_nan=False) + "\n"
