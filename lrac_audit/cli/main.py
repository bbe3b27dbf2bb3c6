"""The ``lrac-audit`` program: finds the command, and turns what goes wrong into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from lrac_audit import __version__
from lrac_audit.cli.common import ExitCode, warn
from lrac_audit.errors import InputError

COMMANDS = ("audit", "check", "paper", "reconcile", "convert", "limits", "conventions")
"""Each lives in the module of its name in this package, imported when it is called."""


class _Commands(click.Group):
    """A group that imports a command only when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"lrac_audit.cli.{cmd_name}"), cmd_name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 within the limits, 1 a limit broken, 2 bad usage, file or "
    "configuration, 3 incomplete evidence.",
)
@click.version_option(__version__, prog_name="lrac-audit", message="%(prog)s %(version)s")
def program() -> None:
    """Audit the complexity and latency of neural audio codecs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on ``arguments``, by default those of the process; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal may lack what a name holds
    try:
        result = program.main(arguments, prog_name="lrac-audit", standalone_mode=False)
    except InputError as error:
        for line in str(error).splitlines():
            warn(f"error: {line}")
        return ExitCode.BAD_INPUT
    except click.ClickException as error:
        error.show()
        return ExitCode.BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        warn("interrupted")
        return ExitCode.INTERRUPTED
    return result if isinstance(result, int) else ExitCode.WITHIN_LIMITS
