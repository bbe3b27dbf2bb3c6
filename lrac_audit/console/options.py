"""Options that commands of both programs take, described once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lrac_audit.console.completion import complete_from
from lrac_audit.console.written_files import written_file, written_requests

OUTPUT_PANEL = "Output"

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=written_file,
        help="Write to FILE instead of the terminal.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]
Formats = list[str] | None


def formats(allowed: Sequence[str]) -> Any:
    """Return the repeatable ``--format`` of a command that renders ``allowed``."""
    return typer.Option(
        "--format",
        "-f",
        metavar="FORMAT[=FILE]",
        callback=written_requests,
        help=f"One of {', '.join(allowed)}. May be given several times; default {allowed[0]}.",
        autocompletion=complete_from(lambda: allowed),
        rich_help_panel=OUTPUT_PANEL,
    )


def version(program: str, number: str) -> Any:
    """Return the option ``--version`` of ``program``."""

    def show(wanted: bool) -> None:
        if wanted:
            typer.echo(f"{program} {number}")
            raise typer.Exit

    return typer.Option("--version", callback=show, is_eager=True, help="Show the version.")
