"""``lrac-audit paper``: published figures beside the recomputed ones."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.cli import names
from lrac_audit.console import options
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.console.progress import progress_steps
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from lrac_audit.report.paper_report import PaperReport

FORMATS = format_names(PaperReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit paper
  lrac-audit paper vocodec
  lrac-audit paper s4-260158 --format json
  lrac-audit paper --format markdown -o paper.md

Sources: lrac-2025 (the baselines of the challenge), the entries vocodec, phoenixcodec, led-vocodec
and kd-vocodec, the 3GPP documents s4-260155, s4-260158 and s4-260209, and public-codecs.""",
)
def paper(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The source whose figures are compared.",
            show_default=True,
            autocompletion=complete_from(names.sources),
        ),
    ] = "lrac-2025",
    requested_formats: Annotated[options.Formats, options.formats(FORMATS)] = None,
    output: options.Output = None,
) -> None:
    """Compare the figures that a publication prints with the recomputed ones, and explain the gaps.

    Every cell is marked equal or different at its printed precision, or not rebuilt where the
    publication does not describe the codec well enough. A codec without a design is built with
    random weights and measured, which needs torch.
    """
    from lrac_audit.published.comparison import compare
    from lrac_audit.published.sources import load_source

    wanted = outputs(requested_formats, output, FORMATS)
    source = load_source(name)
    with progress_steps() as progress:
        comparison = compare(source, progress)
    deliver(rendered(PaperReport(comparison), wanted))
