"""``lrac-audit conventions``: how operations are counted."""

from __future__ import annotations

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say
from lrac_audit.console.terminal import output_screen

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit conventions
  lrac-audit audit track1 --convention macs""",
)
def conventions() -> None:
    """List the counting conventions: what each prices, and what it ignores and why."""
    from lrac_audit.report.conventions_report import ConventionsReport
    from lrac_audit.report.formats.table_format import TableFormat

    say(TableFormat().render(ConventionsReport(), output_screen()))
