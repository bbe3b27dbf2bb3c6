"""Reports as JSON, for other programs."""

from __future__ import annotations

from typing import Any

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import DocumentContent
from lrac_audit.report.formats.interface import Format


class JsonFormat(Format[DocumentContent]):
    """The report's document as JSON."""

    name = "json"
    content = DocumentContent

    def render(self, report: DocumentContent, screen: Screen = PLAIN) -> str:
        """Return strict JSON, which has no NaN or infinity."""
        return json_text(report.document(), report.json_indent)


def json_text(data: Any, indent: int | None = 2) -> str:
    """Return plain data as strict JSON, in one line where ``indent`` is None."""
    import json

    return json.dumps(data, indent=indent, allow_nan=False) + "\n"
