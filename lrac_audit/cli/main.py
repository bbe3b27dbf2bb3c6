"""The ``lrac-audit`` program."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lrac_audit import __version__
from lrac_audit.cli.program import CONTEXT_SETTINGS, LazyCommands, run_program

COMMANDS = (
    "audit",
    "check",
    "codecs",
    "sheet",
    "paper",
    "reconcile",
    "convert",
    "limits",
    "conventions",
    "schema",
)
"""Each lives in the module of its name in this package, imported when it is called."""


class _Commands(LazyCommands):
    package = "lrac_audit.cli"
    names = COMMANDS


@click.group(
    cls=_Commands,
    context_settings=CONTEXT_SETTINGS,
    epilog="Exit codes: 0 within the limits, 1 a limit broken, 2 bad usage, file or "
    "configuration, 3 incomplete evidence.",
)
@click.version_option(__version__, prog_name="lrac-audit", message="%(prog)s %(version)s")
def program() -> None:
    """Audit the complexity and latency of neural audio codecs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on ``arguments``, by default those of the process; returns its exit code."""
    return run_program(program, "lrac-audit", arguments)
