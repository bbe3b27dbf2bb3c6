"""Checks as GitHub workflow commands, and the step summary.

GitHub shows about ten annotations of a kind per step and a summary of at most 1 MiB, so only what
is broken is annotated, and the whole goes into the summary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.report.blocks import Bullets, PageSection
from lrac_audit.report.content import CheckContent, CheckedTarget
from lrac_audit.report.findings import Finding, findings
from lrac_audit.report.formats.interface import Format
from lrac_audit.report.formats.markdown_format import markdown_sections

PROGRAM = "lrac-audit"
MAX_ANNOTATIONS = 10
MAX_SUMMARY_BYTES = 1 << 20


class GitHubFormat(Format[CheckContent]):
    """An error for each check that is broken or not proved, or one notice where all is well."""

    name = "github"
    content = CheckContent

    def render(self, report: CheckContent, screen: Screen = PLAIN) -> str:
        """Return one workflow command a line."""
        lines = [_error(finding) for finding in findings(report)]
        if len(lines) > MAX_ANNOTATIONS:
            left = len(lines) - MAX_ANNOTATIONS + 1
            text = f"{left} more errors; see the log"
            lines[MAX_ANNOTATIONS - 1 :] = [_command("error", PROGRAM, text)]
        if not lines:
            names = ", ".join(target.source for target in report.checked_targets())
            lines.append(_command("notice", PROGRAM, f"within the limits: {names}"))
        return "".join(f"{line}\n" for line in lines)


def step_summary(report: CheckContent) -> str:
    """Return the verdicts and what would mend them in Markdown, cut to what a summary may hold."""
    parts: list[str] = []
    size = 0
    for each in _summary_parts(report):
        part = markdown_sections(each) + "\n"
        size += len(part.encode())
        if size > MAX_SUMMARY_BYTES - 100:
            parts.append("The rest does not fit into a step summary.\n")
            break
        parts.append(part)
    return "".join(parts)


def _error(finding: Finding) -> str:
    place: dict[str, object] = {}
    if finding.has_file:
        place["file"] = finding.file
        if finding.line is not None:
            place["line"] = finding.line
    return _command("error", finding.source, finding.full_message, place)


def _summary_parts(report: CheckContent) -> Iterator[Sequence[PageSection]]:
    """Yield what is kept or cut together: a table of all targets, or each with its advice."""
    summary = report.summary_sections()
    if summary:
        yield from ([section] for section in summary)
    else:
        yield from ([*target.page, *_mending(target)] for target in report.checked_targets())
    yield from (refused.page for refused in report.refused_targets())


def _mending(target: CheckedTarget) -> list[list[Bullets]]:
    return [[Bullets(target.mending)]] if target.mending else []


def _command(
    kind: str, title: str, text: str, place: Mapping[str, object] = MappingProxyType({})
) -> str:
    properties = {**place, "title": title}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {written}::{_escape(text)}"


def _property(value: object) -> str:
    return _escape(str(value)).replace(":", "%3A").replace(",", "%2C")


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
