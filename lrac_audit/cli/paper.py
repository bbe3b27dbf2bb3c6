"""``lrac-audit paper``: the published tables beside the recomputed figures."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.console import options
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, outputs
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.paper_report import PaperReport

FORMATS = format_names(PaperReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit paper
  lrac-audit paper --format markdown -o paper.md""",
)
def paper(
    requested_formats: Annotated[options.Formats, options.formats(FORMATS)] = None,
    output: options.Output = None,
) -> None:
    """Compare Tables 2 and 3 of the LRAC 2025 baseline paper with the recomputed figures.

    Every cell is marked equal or different at its printed precision.
    """
    from lrac_audit.auditing.paper import compare_with_paper

    wanted = outputs(requested_formats, output, FORMATS)
    tables = compare_with_paper()
    deliver(rendered(PaperReport(tables), wanted))
