"""Checks as JUnit XML: a suite per target, a case per check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from lrac_audit.errors import printable
from lrac_audit.limits.check import Check
from lrac_audit.report.gate import reasons
from lrac_audit.report.tables import figure

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def render(audits: Sequence[Audit]) -> str:
    """The checks of ``audits``; a broken limit is a failure, missing evidence an error."""
    suites = ElementTree.Element("testsuites", name="lrac-audit")
    for audit in audits:
        _suite(suites, audit)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: ElementTree.Element, audit: Audit) -> None:
    checks = audit.verdict.checks
    counts = {
        "tests": len(checks),
        "failures": sum(check.status == "fail" for check in checks),
        "errors": sum(check.status == "incomplete" for check in checks),
    }
    source = printable(audit.target.source)
    attributes = {"name": source, **{key: str(n) for key, n in counts.items()}}
    suite = ElementTree.SubElement(suites, "testsuite", attributes)
    for check in checks:
        case = ElementTree.SubElement(suite, "testcase", name=check.id, classname=source)
        if check.status != "pass":
            tag = "failure" if check.status == "fail" else "error"
            found = ElementTree.SubElement(case, tag, message=sentence(check))
            found.text = "\n".join(printable(line) for line in audit.remedies(check))
    output = ElementTree.SubElement(suite, "system-out")
    output.text = "\n".join(printable(line) for line in reasons(audit))


def sentence(check: Check) -> str:
    """One check as a sentence."""
    margin = figure(check.margin)
    return (
        f"{check.id} {check.status}: {figure(check.value)} {check.unit}, "
        f"limit {figure(check.limit)}, margin {margin}"
    )
