"""``lrac-audit audit``: report on one codec."""

from __future__ import annotations

import os
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
)

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

FORMATS = ("table", "json", "csv", "markdown")


@click.command(
    short_help="Report every layer, the totals and the verdict.",
    epilog="""\b
Examples:
  lrac-audit audit track1
  lrac-audit audit my_codec.yaml --limits lrac-2025-track2 --rvq projected
  lrac-audit audit conf/train.yaml --format json -o audit.json
  lrac-audit audit track2 --format csv=layers.csv --format table
  lrac-audit audit track1 --verify
  lrac-audit audit python:my_package.models:make_codec --arg channels=32""",
)
@click.argument("target")
@options.limits
@options.rvq
@options.bitrate
@options.convention
@options.verify
@options.arguments
@options.per_frame
@options.formats(FORMATS)
@options.output
@options.verbose
@options.debug
def audit(
    target: str,
    limits: str | None,
    rvq: str,
    bitrate: float | None,
    convention: str | None,
    verify: bool,
    arguments: tuple[str, ...],
    per_frame: bool,
    requested_formats: tuple[str, ...],
    output: Path | None,
    verbose: bool,
    debug: bool,
) -> int:
    """Report every layer's cost and delay, the totals per side, and the verdict.

    TARGET is track1, track2, a design in YAML, a recipe's train.yaml, a design sheet (.xlsx), or
    any PyTorch codec: python:package.module:factory names a function that returns it, and runs
    that code. The report exits 0 whatever the verdict, 2 on bad input, 3 where witnesses disagree;
    `lrac-audit check` is the gate.
    """
    from lrac_audit.auditing.audit import audit as run_audit
    from lrac_audit.witness.factory_arguments import parse_arguments

    wanted = outputs(requested_formats, output, FORMATS)
    with debugging(debug):
        result = run_audit(
            target,
            limits=limits,
            rvq=rvq,
            bitrate_kbps=bitrate,
            convention=convention,
            verify=verify,
            arguments=parse_arguments(arguments),
            progress=progress_lines(),
        )
    deliver(
        [(one, _render(result, one.format, one.path is None, per_frame, verbose)) for one in wanted]
    )
    return ExitCode.INCOMPLETE if result.verdict.doubts else ExitCode.WITHIN_LIMITS


def _render(
    result: Audit, format_name: str, to_terminal: bool, per_frame: bool, verbose: bool
) -> str:
    if format_name == "json":
        import json

        return json.dumps(result.document(), indent=2, allow_nan=False) + "\n"
    if format_name == "csv":
        from lrac_audit.report import tabular

        return tabular.render(result)
    if format_name == "markdown":
        from lrac_audit.report import markdown

        return markdown.render(result, per_frame)
    from lrac_audit.report import terminal
    from lrac_audit.report.text import Style

    style = Style(to_terminal and wants_colour(os.environ))
    return terminal.render(result, per_frame, verbose, style)
