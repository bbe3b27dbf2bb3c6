"""The registry of report formats, and what it takes to add one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

import pytest

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.blocks import Bullets, Heading, PageSection, Paragraph
from lrac_audit.report.check_report import CheckReport
from lrac_audit.report.codecs_report import CodecsReport
from lrac_audit.report.comparison_report import ComparisonReport
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent
from lrac_audit.report.formats import registry
from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.json_format import JsonFormat
from lrac_audit.report.formats.markdown_format import MarkdownFormat
from lrac_audit.report.paper_report import PaperReport
from lrac_audit.report.reconciliation_report import ReconciliationReport
from lrac_audit.report.sensitivity_report import SensitivityReport
from lrac_audit.report.sheet_report import SheetReport
from lrac_audit.report.solution_report import SolutionReport
from tests.conftest import ROOT, Result

REPORTS = {
    "audit": AuditReport,
    "check": CheckReport,
    "compare": ComparisonReport,
    "sensitivity": SensitivityReport,
    "solve": SolutionReport,
    "codecs": CodecsReport,
    "paper": PaperReport,
    "reconcile": ReconciliationReport,
    "sheet": SheetReport,
}
"""Commands of the auditor and the reports that they render."""


class OutlineFormat(Format[PageContent]):
    """A format that stands in this file alone."""

    name = "outline"
    content = PageContent

    def render(self, report: PageContent, screen: Screen = PLAIN) -> str:
        headings = [
            f"<h2>{block.text}</h2>"
            for section in report.page_sections()
            for block in section
            if isinstance(block, Heading)
        ]
        return "".join(f"{heading}\n" for heading in headings)


@dataclass(frozen=True)
class Small(DocumentContent, RecordContent, PageContent):
    value: float

    def document(self) -> Mapping[str, Any]:
        return {"schema_version": 1, "value": self.value}

    def records(self) -> Sequence[Mapping[str, Any]]:
        return [{"name": 'a, "b"', "value": self.value}, {"name": "c", "value": None}]

    def page_sections(self) -> Sequence[PageSection]:
        table = Table([Column("A|B"), Column("C", right=True)], [["<x>", "1"]])
        return [[Heading("a_b: pass"), Paragraph("x*y\nz")], [table], [Bullets(["`k`", "[l](m)"])]]


def documented_formats(command: str) -> tuple[str, ...]:
    page = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{command}` \|.*\|(.*)\|$", page, re.MULTILINE)
    assert row is not None
    return tuple(re.findall(r"`([\w-]+)`", row[1]))


@pytest.mark.parametrize("command", REPORTS)
def test_the_page_lists_the_formats_that_each_report_supports(command: str) -> None:
    assert documented_formats(command) == import_module(f"lrac_audit.cli.{command}").FORMATS


def test_a_new_format_is_an_entry_of_the_registry(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command whose report has a page offers the format, and the others do not."""
    known = MappingProxyType({**registry.FORMATS, "outline": OutlineFormat()})
    monkeypatch.setattr(registry, "FORMATS", known)
    for command in REPORTS:  # so that commands are imported anew, and the old ones come back
        monkeypatch.delitem(sys.modules, f"lrac_audit.cli.{command}", raising=False)
    assert run("audit", "track1", "-f", "outline") == (
        0,
        "<h2>LRAC 2025 Track 1 baseline: pass</h2>\n",
        "",
    )
    both = run("check", "track1", "track2", "--rvq", "projected", "-f", "outline")
    assert both.out.count("<h2>") == 2
    assert "outline" in run("codecs", "--help").out
    refused = run("reconcile", "track2", "--stage", "decoder", "--published", "1", "-f", "outline")
    assert (refused.code, refused.out) == (2, "")
    assert "given 'outline'; allowed: one of table, json" in refused.err


def test_two_formats_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two report formats are called outline"):
        registry.by_name(OutlineFormat(), OutlineFormat())


def test_a_format_supports_reports_that_have_its_content() -> None:
    assert registry.format_names(Small) == ("json", "csv", "markdown", "html")


def test_json_refuses_what_json_does_not_have() -> None:
    assert JsonFormat().render(Small(0.5)) == '{\n  "schema_version": 1,\n  "value": 0.5\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        JsonFormat().render(Small(float("nan")))


def test_csv_quotes_names_and_leaves_unknown_values_empty() -> None:
    assert CsvFormat().render(Small(1.5)) == 'name,value\n"a, ""b""",1.5\nc,\n'


def test_markdown_escapes_every_block() -> None:
    assert MarkdownFormat().render(Small(0)).splitlines() == [
        r"## a\_b: pass",
        r"x\*y",
        "z",
        "",
        r"| A\|B | C |",
        "| --- | --: |",
        r"| \<x\> | 1 |",
        "",
        r"- \`k\`",
        r"- \[l\](m)",
    ]
