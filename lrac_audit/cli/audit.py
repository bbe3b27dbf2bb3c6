"""``lrac-audit audit``: report on one codec."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrac_audit.cli import options
from lrac_audit.cli.common import deliver, outputs, wants_colour

if TYPE_CHECKING:
    from lrac_audit.auditing import Audit

FORMATS = ("table", "json", "csv", "markdown")


@click.command(
    short_help="Report every layer, the totals and the verdict.",
    epilog="""\b
Examples:
  lrac-audit audit track1
  lrac-audit audit my_codec.yaml --limits lrac-2025-track2 --rvq projected
  lrac-audit audit conf/train.yaml --format json -o audit.json
  lrac-audit audit track2 --format csv=layers.csv --format table""",
)
@click.argument("target")
@options.limits
@options.rvq
@options.bitrate
@options.convention
@options.per_frame
@options.formats(FORMATS)
@options.output
@options.verbose
def audit(
    target: str,
    limits: str | None,
    rvq: str,
    bitrate: float | None,
    convention: str | None,
    per_frame: bool,
    requested_formats: tuple[str, ...],
    output: Path | None,
    verbose: bool,
) -> None:
    """Report every layer's cost and delay, the totals per side, and the verdict.

    TARGET is track1, track2, a design in YAML, a recipe's train.yaml, or a design sheet (.xlsx).
    The report exits 0 whatever the verdict, 2 on bad input; `lrac-audit check` is the gate.
    """
    from lrac_audit.auditing import audit as run_audit

    wanted = outputs(requested_formats, output, FORMATS)
    result = run_audit(target, limits=limits, rvq=rvq, bitrate_kbps=bitrate, convention=convention)
    deliver(
        [(one, _render(result, one.format, one.path is None, per_frame, verbose)) for one in wanted]
    )


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
