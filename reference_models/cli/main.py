"""The ``lrac-codec`` program."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lrac_audit import __version__
from lrac_audit.cli.program import CONTEXT_SETTINGS, LazyCommands, run_program

COMMANDS = (
    "init",
    "import-espnet",
    "absorb",
    "encode",
    "decode",
    "info",
    "stream",
    "data",
    "train",
    "draw-run",
    "evaluate",
)
"""Each lives in the module of its name in this package, imported when it is called."""


class _Commands(LazyCommands):
    package = "reference_models.cli"
    names = COMMANDS


@click.group(
    cls=_Commands,
    context_settings=CONTEXT_SETTINGS,
    epilog="Exit codes: 0 done, 2 bad usage or file, 3 a check failed, 130 interrupted.",
)
@click.version_option(__version__, prog_name="lrac-codec", message="%(prog)s %(version)s")
def program() -> None:
    """Run the reference codecs: from audio to files of 1 or 6 kbps, and back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on ``arguments``, by default those of the process; returns its exit code."""
    return run_program(program, "lrac-codec", arguments)
