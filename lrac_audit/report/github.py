"""Checks as GitHub workflow commands, and the step summary.

GitHub shows about ten annotations of a kind per step and a summary of at most 1 MiB, so only what
is broken is annotated, and the whole goes into the summary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrac_audit.report.junit import sentence
from lrac_audit.report.markdown import summary
from lrac_audit.report.text import markdown_text

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

MAX_ANNOTATIONS = 10
MAX_SUMMARY_BYTES = 1 << 20


def render(audits: Sequence[Audit]) -> str:
    """One error annotation per broken or unproven check, and one notice where all is well."""
    lines = []
    for audit in audits:
        for check in audit.verdict.checks:
            if check.status != "pass":
                text = ". ".join([sentence(check), *audit.remedies(check)])
                lines.append(_command("error", audit.target.source, text))
    if len(lines) > MAX_ANNOTATIONS:
        left = len(lines) - MAX_ANNOTATIONS + 1
        lines[MAX_ANNOTATIONS - 1 :] = [
            _command("error", "lrac-audit", f"{left} more checks are broken; see the log")
        ]
    if not lines:
        names = ", ".join(audit.target.source for audit in audits)
        lines.append(_command("notice", "lrac-audit", f"within the limits: {names}"))
    return "".join(f"{line}\n" for line in lines)


def _command(kind: str, title: str, text: str) -> str:
    escaped_title = _escape(title).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={escaped_title}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def step_summary(audits: Sequence[Audit]) -> str:
    """The verdicts as Markdown, cut to what a step summary may hold."""
    parts: list[str] = []
    size = 0
    for audit in audits:
        part = f"{summary(audit)}\n{_mending(audit)}"
        size += len(part.encode())
        if size > MAX_SUMMARY_BYTES - 100:
            parts.append("The rest does not fit into a step summary.\n")
            break
        parts.append(part)
    return "".join(parts)


def _mending(audit: Audit) -> str:
    lines = [
        f"- to mend {markdown_text(f'{check.id}: {text}')}\n"
        for check in audit.verdict.checks
        for text in audit.remedies(check)
    ]
    return "".join([*lines, "\n"] if lines else [])
