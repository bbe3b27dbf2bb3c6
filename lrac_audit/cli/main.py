"""The ``lrac-audit`` program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from lrac_audit import __version__
from lrac_audit.console import options
from lrac_audit.console.help import Group
from lrac_audit.console.program import CONTEXT_SETTINGS, Entry, end_process, run_program

CODEC, PUBLISHED, LISTS = "Audit a codec", "Published codecs and figures", "What is known by name"
COMMANDS = (
    Entry("audit", "Report every layer, the totals and the verdict.", CODEC),
    Entry("check", "Gate codecs on their limits, for CI.", CODEC),
    Entry("compare", "Set codecs beside each other, layer by layer.", CODEC),
    Entry("sensitivity", "Report what one step of each knob changes.", CODEC),
    Entry("solve", "Find the largest scaling that keeps all limits.", CODEC),
    Entry("explore", "Find the best designs within the limits.", CODEC),
    Entry("sheet", "Write a spreadsheet that calculates.", CODEC),
    Entry("convert", "Write a recipe as a design in YAML.", CODEC),
    Entry("codecs", "Compare public codecs with the limits.", PUBLISHED),
    Entry("paper", "Compare the LRAC 2025 paper with the ledger.", PUBLISHED),
    Entry("reconcile", "Find what explains a published figure.", PUBLISHED),
    Entry("limits", "List the limit sets.", LISTS),
    Entry("conventions", "List the counting conventions.", LISTS),
    Entry("schema", "Print the JSON Schema of a file format.", LISTS),
)

app = typer.Typer(cls=Group, context_settings=CONTEXT_SETTINGS)


@app.callback(
    epilog="""
Examples:
  lrac-audit audit track1
  lrac-audit check my_codec.yaml --limits lrac-2025-track1

Exit codes:
  0 within the limits, 1 a limit broken, 2 bad usage, file or
  configuration, 3 incomplete evidence"""
)
def program(
    version: Annotated[bool, options.version("lrac-audit", __version__)] = False,
) -> None:
    """Audit the complexity and latency of neural audio codecs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on ``arguments``, by default those of the process; return its exit code."""
    return run_program(app, "lrac-audit", "lrac_audit.cli", COMMANDS, arguments)


def run() -> NoReturn:
    """Run the program as a process of its own, and end that process."""
    end_process(main())
