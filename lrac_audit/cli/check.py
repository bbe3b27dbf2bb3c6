"""``lrac-audit check``: the gate."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrac_audit.cli import options
from lrac_audit.cli.common import (
    ExitCode,
    debugging,
    deliver,
    outputs,
    progress_lines,
    wants_colour,
    warn,
)
from lrac_audit.errors import InputError

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

FORMATS = ("table", "json", "csv", "markdown", "junit", "github")
STEP_SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


@click.command(
    short_help="Gate codecs on their limits, for CI.",
    epilog="""\b
Examples:
  lrac-audit check track1 track2
  lrac-audit check my_codec.yaml --limits lrac-2025-track1 --format junit=audit.xml
  lrac-audit check designs/*.yaml --format table --format github
  lrac-audit check track1 --verify
  lrac-audit check python:my_package.models:make_codec""",
)
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@options.limits
@options.rvq
@options.bitrate
@options.convention
@options.verify
@options.arguments
@options.formats(FORMATS)
@options.output
@options.debug
def check(
    targets: tuple[str, ...],
    limits: str | None,
    rvq: str,
    bitrate: float | None,
    convention: str | None,
    verify: bool,
    arguments: tuple[str, ...],
    requested_formats: tuple[str, ...],
    output: Path | None,
    debug: bool,
) -> int:
    """Gate codecs on their limits: one line per check and per target, and why.

    Exits 0 when every target is within its limits, 1 when a limit is broken, 2 on bad input, 3
    when the evidence is incomplete, and also when a limit is broken and witnesses disagree. Inside
    a GitHub workflow the verdicts also go to the step summary.
    """
    from lrac_audit.auditing.audit import audit
    from lrac_audit.auditing.targets import arguments_for
    from lrac_audit.witness.factory_arguments import parse_arguments

    wanted = outputs(requested_formats, output, FORMATS)
    keywords = parse_arguments(arguments)
    audits: list[Audit] = []
    errors: list[InputError] = []
    for target in targets:
        try:
            with debugging(debug):
                found = audit(
                    target,
                    limits=limits,
                    rvq=rvq,
                    bitrate_kbps=bitrate,
                    convention=convention,
                    verify=verify,
                    arguments=arguments_for(target, targets, keywords),
                    progress=progress_lines(),
                )
            audits.append(found)
        except InputError as error:
            errors.append(error)
    if errors:
        return _refuse(errors)
    code = _exit_code(audits)
    deliver([(one, _render(audits, one.format, one.path is None, code)) for one in wanted])
    _summarise(audits)
    return code


def _refuse(errors: Sequence[InputError]) -> int:
    for line in dict.fromkeys(line for error in errors for line in str(error).splitlines()):
        warn(f"error: {line}")
    return ExitCode.BAD_INPUT


def _exit_code(audits: Sequence[Audit]) -> ExitCode:
    found = {audit.verdict.status for audit in audits}
    if any(audit.verdict.doubts for audit in audits):
        return ExitCode.INCOMPLETE
    if "fail" in found:
        return ExitCode.LIMIT_BROKEN
    return ExitCode.INCOMPLETE if "incomplete" in found else ExitCode.WITHIN_LIMITS


def _render(audits: Sequence[Audit], format_name: str, to_terminal: bool, code: ExitCode) -> str:
    from lrac_audit.auditing.document import gate_document
    from lrac_audit.report import gate, github, junit, markdown, tabular
    from lrac_audit.report.text import Style

    if format_name == "json":
        return json.dumps(gate_document(audits, code), indent=2, allow_nan=False) + "\n"
    if format_name == "csv":
        return tabular.render_checks(audits)
    if format_name == "markdown":
        return "\n".join(markdown.summary(audit) for audit in audits)
    if format_name == "junit":
        return junit.render(audits)
    if format_name == "github":
        return github.render(audits)
    return gate.render(audits, Style(to_terminal and wants_colour(os.environ)))


def _summarise(audits: Sequence[Audit]) -> None:
    """Append to the step summary of a GitHub workflow; the gate stands if that fails."""
    path = os.environ.get(STEP_SUMMARY_VARIABLE)
    if not path:
        return
    from lrac_audit.report.github import step_summary

    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(step_summary(audits))
    except OSError as error:
        warn(f"warning: {STEP_SUMMARY_VARIABLE}: {path}: {error.strerror}")
