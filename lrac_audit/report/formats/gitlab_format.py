"""Checks as a code quality report of GitLab, which shows them in a merge request."""

from __future__ import annotations

from typing import Any

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import CheckContent
from lrac_audit.report.findings import Finding, findings
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.json_format import json_text

FIRST_LINE = 1
"""The line of a finding that is about a whole file, since a report must name one."""


class GitLabFormat(Format[CheckContent]):
    """A violation for each check that is broken or not proved; an empty list where all is well."""

    name = "gitlab"
    content = CheckContent

    def render(self, report: CheckContent, screen: Screen = PLAIN) -> str:
        """Return a JSON list."""
        return json_text([_violation(finding) for finding in findings(report)])


def _violation(finding: Finding) -> dict[str, Any]:
    return {
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": "major",
        "location": {"path": finding.file, "lines": {"begin": finding.line or FIRST_LINE}},
    }
