"""The ``lrac-audit`` program."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lrac_audit import __version__
from lrac_audit.cli.audit import audit
from lrac_audit.cli.common import say

app = typer.Typer(
    name="lrac-audit",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(audit)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"lrac-audit {__version__}\n")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Audit the complexity and latency of neural audio codecs.

    Exit codes of every gate: 0 within the limits, 1 a limit broken, 2 bad usage, file or
    configuration, 3 incomplete evidence.
    """


def main() -> None:
    """Run the program; what a terminal's encoding cannot show is escaped instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    app()
