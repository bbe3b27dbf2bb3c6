"""Checks as SARIF 2.1.0, which code scanning services show beside the code.

The format is an OASIS standard, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lrac_audit import __version__
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.content import CheckContent
from lrac_audit.report.findings import Finding, findings
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.json_format import json_text
from lrac_audit.report.rules import Rule, rule

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "lracAuditFinding/v1"
"""The key of fingerprints; it changes when they are made otherwise."""
SEE_ALSO = "`lrac-audit audit` shows what every layer of the target takes."
ROOT = "%SRCROOT%"
"""The name by which services know the root of the repository."""


class SarifFormat(Format[CheckContent]):
    """A result for each check that is broken or not proved, under its rule."""

    name = "sarif"
    content = CheckContent

    def render(self, report: CheckContent, screen: Screen = PLAIN) -> str:
        """Return a log of one run."""
        found = findings(report)
        checked = [
            result.check.id for target in report.checked_targets() for result in target.results
        ]
        rules = list(dict.fromkeys([*checked, *(finding.rule for finding in found)]))
        driver = {
            "name": "lrac-audit",
            "semanticVersion": __version__,
            "rules": [_rule(rule(each)) for each in rules],
        }
        run = {
            "tool": {"driver": driver},
            "invocations": [{"executionSuccessful": not report.refused_targets()}],
            "results": [_result(finding, rules) for finding in found],
        }
        return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(found: Rule) -> dict[str, Any]:
    text = f"{found.description} {SEE_ALSO}"
    return {
        "id": found.id,
        "shortDescription": {"text": found.title},
        "fullDescription": {"text": found.description},
        "help": {"text": text.replace("`", ""), "markdown": text},
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding, rules: Sequence[str]) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": "error",
        "message": {"text": finding.message},
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
    }


def _location(finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(finding.file)}
    if finding.line is not None:
        physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.field:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.field, "kind": "member"}]
    return location


def _artifact(file: str) -> dict[str, str]:
    """Return the address of a file: from the root of the repository where it is inside."""
    from urllib.parse import quote

    path = Path(file)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(file), "uriBaseId": ROOT}
