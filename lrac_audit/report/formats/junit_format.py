"""Checks as JUnit XML, which continuous integration shows as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.errors import printable
from lrac_audit.report.content import CheckContent, CheckedTarget, CheckResult, RefusedTarget
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.rules import TARGET, WITNESSES

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class JUnitFormat(Format[CheckContent]):
    """A suite per target and a case per check.

    A broken limit is a failure, missing or contradictory evidence an error, and so is a target that
    cannot be read.
    """

    name = "junit"
    content = CheckContent

    def render(self, report: CheckContent, screen: Screen = PLAIN) -> str:
        """Return the XML, whatever characters a name holds."""
        from xml.etree import ElementTree

        suites = ElementTree.Element("testsuites", name="lrac-audit")
        for target in report.checked_targets():
            _add_suite(suites, target)
        for refused in report.refused_targets():
            _add_refused(suites, refused)
        ElementTree.indent(suites)
        return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(suites: Element, target: CheckedTarget) -> None:
    from xml.etree import ElementTree

    statuses = [result.check.status for result in target.results]
    doubted = bool(target.doubts)
    counts = {
        "tests": len(statuses) + doubted,
        "failures": statuses.count("fail"),
        "errors": statuses.count("incomplete") + doubted,
    }
    source = printable(target.title)
    attributes = {"name": source, **{key: str(n) for key, n in counts.items()}}
    suite = ElementTree.SubElement(suites, "testsuite", attributes)
    for result in target.results:
        _add_case(suite, source, result)
    if doubted:
        case = ElementTree.SubElement(suite, "testcase", name=WITNESSES, classname=source)
        found = ElementTree.SubElement(case, "error", message="witnesses disagree")
        found.text = "\n".join(map(printable, target.doubts))
    output = ElementTree.SubElement(suite, "system-out")
    output.text = "\n".join(map(printable, target.reasons))


def _add_refused(suites: Element, target: RefusedTarget) -> None:
    from xml.etree import ElementTree

    source = printable(target.source)
    counts = {"tests": "1", "failures": "0", "errors": "1"}
    suite = ElementTree.SubElement(suites, "testsuite", {"name": source, **counts})
    case = ElementTree.SubElement(suite, "testcase", name=TARGET, classname=source)
    found = ElementTree.SubElement(case, "error", message="the target cannot be audited")
    found.text = "\n".join(target.problems)


def _add_case(suite: Element, source: str, result: CheckResult) -> None:
    from xml.etree import ElementTree

    status = result.check.status
    case = ElementTree.SubElement(suite, "testcase", name=result.check.id, classname=source)
    if status != "pass":
        tag = "failure" if status == "fail" else "error"
        found = ElementTree.SubElement(case, tag, message=result.sentence)
        found.text = "\n".join(map(printable, result.remedies))
