"""Programs whose commands are imported when they run; errors become messages and exit codes."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.output import open_closed_streams, warn
from lrac_audit.errors import InputError, Problem, did_you_mean, shown

EXTRAS = {
    **dict.fromkeys(("torch", "numpy", "safetensors", "soundfile", "soxr"), "codec"),
    "fvcore": "torch",
    **dict.fromkeys(("scipy", "tensorboard", "filelock", "PIL"), "train"),
    "matplotlib": "report",
    **dict.fromkeys(("snac", "transformers"), "codecs"),
    "pesq": "evaluate",
    **dict.fromkeys(("joblib", "pyloudnorm"), "curate"),
    **dict.fromkeys(("distributed", "pyarrow"), "cluster"),
    **dict.fromkeys(("onnx", "onnxruntime"), "onnx"),
}
"""Packages that the base install may lack, and the extra of this distribution that brings each."""

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Entry(NamedTuple):
    """A command as the program's help lists it."""

    name: str
    """The command ``some-name`` is the ``app`` of the module ``some_name``."""
    summary: str
    panel: str
    """The heading under which help lists it."""


class LazyCommand(TyperCommand):
    """A placeholder of a command in lists; the command's module is imported when it runs."""

    def __init__(self, package: str, entry: Entry) -> None:
        super().__init__(entry.name, short_help=entry.summary, rich_help_panel=entry.panel)
        self._module = f"{package}.{entry.name.replace('-', '_')}"

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Return the context of the command itself, whose callback then runs."""
        command = typer.main.get_command(import_module(self._module).app)
        return command.make_context(info_name, args, parent, **extra)


def run_program(
    app: typer.Typer,
    name: str,
    package: str,
    entries: Sequence[Entry],
    arguments: Sequence[str] | None,
) -> int:
    """Run the commands of ``package`` as the program ``name``; return its exit code.

    ``arguments`` are by default those of the process.
    """
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal may lack characters of a name
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)  # since it has a callback
    for entry in entries:
        group.add_command(LazyCommand(package, entry))
    return _exit_code(group, name, arguments)


def end_process(code: int) -> NoReturn:
    """End this process with ``code``, without freeing its objects one by one.

    After an audit of a module that takes more than a second, most of it for the objects of torch.
    What was registered to run at exit runs, and threads that Python waits for are waited for.
    """
    if any(not t.daemon for t in threading.enumerate() if t is not threading.main_thread()):
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except OSError:
        sys.exit(code)  # which reports the output that could not be written
    os._exit(code)


def _exit_code(group: TyperGroup, name: str, arguments: Sequence[str] | None) -> int:
    """Run ``group``, and turn an exception into one message and an exit code."""
    try:
        result = group.main(arguments, prog_name=name, standalone_mode=False)
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
    except typer.TyperException as error:
        _explain(error)
        return ExitCode.BAD_INPUT
    if result == ExitCode.INTERRUPTED:  # which typer makes of a KeyboardInterrupt
        warn("interrupted")
    return result if isinstance(result, int) else ExitCode.WITHIN_LIMITS


def _explain(error: typer.TyperException) -> None:
    """Say what was wrong with the usage, and how to get help."""
    warn(f"error: {_usage_message(error)}")
    context = getattr(error, "ctx", None)
    if context is not None:
        warn(f"help: {context.command_path} --help")


def _usage_message(error: typer.TyperException) -> str:
    possibilities = getattr(error, "possibilities", None)
    if possibilities:
        return f"{error.message}{did_you_mean(possibilities)}"
    cause, parameter = error.__cause__, getattr(error, "param", None)
    if parameter is None or not isinstance(cause, ValueError) or not hasattr(cause, "errors"):
        return error.format_message()
    found = cause.errors()[0]  # by pydantic, which converts values for typer
    allowed = found["msg"].removeprefix("Input should be ").partition(",")[0]
    return str(Problem(parameter.opts[0], shown(found["input"]), allowed))
