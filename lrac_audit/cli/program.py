"""What the command-line programs are made of: commands found late, errors made exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from lrac_audit.cli.common import ExitCode, warn
from lrac_audit.errors import InputError

EXTRAS = {
    **dict.fromkeys(("torch", "numpy", "safetensors", "soundfile", "soxr"), "codec"),
    "fvcore": "torch",
    **dict.fromkeys(("scipy", "tensorboard", "filelock", "matplotlib", "PIL"), "train"),
    **dict.fromkeys(("snac", "transformers"), "codecs"),
    "pesq": "evaluate",
}
"""Packages that the base install may lack, and the extra of this distribution that brings each."""

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyCommands(click.Group):
    """A group that imports a command only when it is named or listed.

    A command ``some-name`` is the function ``some_name`` of the module ``some_name``.
    """

    package: str
    """Where the modules are."""
    names: tuple[str, ...]
    """The commands, in the order in which help lists them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.names:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"{self.package}.{name}"), name)
        return command


def run_program(program: click.Command, name: str, arguments: Sequence[str] | None) -> int:
    """Run ``program`` on ``arguments``, by default those of the process; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal may lack what a name holds
    try:
        result = program.main(arguments, prog_name=name, standalone_mode=False)
    except InputError as error:
        for line in str(error).splitlines():
            warn(f"error: {line}")
        return ExitCode.BAD_INPUT
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        if package not in EXTRAS:
            raise
        warn(
            f"error: this command needs the package {package}, which is not installed; "
            f"allowed: an install with its extra, pip install '.[{EXTRAS[package]}]' in a checkout"
        )
        return ExitCode.BAD_INPUT
    except click.ClickException as error:
        error.show()
        return ExitCode.BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        warn("interrupted")
        return ExitCode.INTERRUPTED
    return result if isinstance(result, int) else ExitCode.WITHIN_LIMITS
