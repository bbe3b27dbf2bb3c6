"""Checks in reviewdog's diagnostic format, which it posts as comments on a change."""

from __future__ import annotations

from typing import Any

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import CheckContent
from lrac_audit.report.findings import Finding, findings
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.json_format import json_text


class RdjsonFormat(Format[CheckContent]):
    """A diagnostic for each check that is broken or not proved."""

    name = "rdjson"
    content = CheckContent

    def render(self, report: CheckContent, screen: Screen = PLAIN) -> str:
        """Return one JSON object, a diagnostic result."""
        diagnostics = [_diagnostic(finding) for finding in findings(report)]
        source = {"name": "lrac-audit"}
        return json_text({"source": source, "severity": "ERROR", "diagnostics": diagnostics})


def _diagnostic(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"path": finding.file}
    if finding.line is not None:
        location["range"] = {"start": {"line": finding.line}}
    return {
        "message": finding.message,
        "location": location,
        "severity": "ERROR",
        "code": {"value": finding.rule},
    }
