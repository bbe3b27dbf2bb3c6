"""The registry of report formats, from which commands take the values of ``--format``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lrac_audit.console.output import Output
from lrac_audit.report.formats.csv_format import CsvFormat
from lrac_audit.report.formats.github_format import GitHubFormat
from lrac_audit.report.formats.gitlab_format import GitLabFormat
from lrac_audit.report.formats.html_format import HtmlFormat
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.json_format import JsonFormat
from lrac_audit.report.formats.junit_format import JUnitFormat
from lrac_audit.report.formats.latex_format import LatexFormat
from lrac_audit.report.formats.markdown_format import MarkdownFormat
from lrac_audit.report.formats.model_card_format import ModelCardFormat
from lrac_audit.report.formats.rdjson_format import RdjsonFormat
from lrac_audit.report.formats.sarif_format import SarifFormat
from lrac_audit.report.formats.table_format import TableFormat
from lrac_audit.report.formats.xlsx_format import XlsxFormat


def by_name(*formats: Format[Any]) -> Mapping[str, Format[Any]]:
    """Return ``formats`` by their names.

    Raises:
        ValueError: two of them have one name.
    """
    found: dict[str, Format[Any]] = {}
    for one in formats:
        if one.name in found:
            raise ValueError(f"two report formats are called {one.name}")
        found[one.name] = one
    return MappingProxyType(found)


FORMATS = by_name(
    TableFormat(),
    JsonFormat(),
    CsvFormat(),
    MarkdownFormat(),
    HtmlFormat(),
    LatexFormat(),
    JUnitFormat(),
    GitHubFormat(),
    GitLabFormat(),
    SarifFormat(),
    RdjsonFormat(),
    ModelCardFormat(),
    XlsxFormat(),
)
"""By name, in the order in which commands list those of their report."""


def format_names(report_class: type, default: str = "") -> tuple[str, ...]:
    """Return the names of the formats that can render reports of ``report_class``.

    The first is the one that a command renders where none is asked for: ``default``, if given.
    """
    found = [name for name, one in FORMATS.items() if one.supports(report_class)]
    return tuple(sorted(found, key=lambda name: name != default))


def rendered(report: object, outputs: Sequence[Output]) -> list[tuple[Output, str | bytes]]:
    """Return each of the ``outputs``, whose formats ``report`` supports, with its content."""
    return [(one, FORMATS[one.format].render(report, one.screen)) for one in outputs]
