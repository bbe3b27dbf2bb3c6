"""``lrac-audit audit``: report on one codec."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from lrac_audit.cli import options
from lrac_audit.cli.common import command, deliver, outputs, wants_colour

FORMATS = ("table", "json", "csv", "markdown")


@command
def audit(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="track1, track2, a design in YAML, or a recipe's train.yaml.",
            show_default=False,
        ),
    ],
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.CountedBy = None,
    per_frame: options.PerFrame = False,
    format: Annotated[list[str] | None, options.formats_option(FORMATS)] = None,
    output: options.OutputFile = None,
    verbose: options.Verbose = False,
) -> None:
    """Report every layer's cost and delay, the totals per side, and the verdict.

    Exits 0 whatever the verdict; `lrac-audit check` is the gate. 2: bad input.

    Examples:

      lrac-audit audit track1

      lrac-audit audit my_codec.yaml --limits lrac-2025-track2 --rvq projected

      lrac-audit audit conf/train.yaml --format json -o audit.json
    """
    from lrac_audit.auditing import audit as run_audit

    wanted = outputs(format or (), output, FORMATS)
    result = run_audit(
        target, limits=limits, rvq=rvq, bitrate_kbps=bitrate, convention=convention
    )

    def render(name: str, to_terminal: bool) -> str:
        if name == "json":
            import json

            return json.dumps(result.document(), indent=2, allow_nan=False) + "\n"
        if name == "csv":
            from lrac_audit.report import tabular

            return tabular.render(result)
        if name == "markdown":
            from lrac_audit.report import markdown

            return markdown.render(result, per_frame)
        from lrac_audit.report import terminal
        from lrac_audit.report.text import Style

        style = Style(to_terminal and wants_colour(os.environ))
        return terminal.render(result, per_frame, verbose, style)

    deliver([(one, render(one.format, one.path is None)) for one in wanted])
