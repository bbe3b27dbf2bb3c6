"""Choice between boxes with colours and plain text, for each of the standard streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from lrac_audit.console.screen import PLAIN, PlainScreen, Screen

if TYPE_CHECKING:
    from rich.console import Console

INCAPABLE_TERMINALS = ("dumb", "unknown")


def is_capable(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether ``stream`` is a terminal that shows boxes and moves its cursor."""
    return stream.isatty() and environment.get("TERM") not in INCAPABLE_TERMINALS


def rich_console(stream: TextIO, environment: Mapping[str, str] = os.environ) -> Console:
    """Return rich's console on ``stream``, without colours if NO_COLOR says so (no-color.org)."""
    from rich.console import Console

    colours = None if environment.get("NO_COLOR") else "auto"
    return Console(file=stream, color_system=colours, highlight=False)  # type: ignore[arg-type]


def output_screen() -> Screen:
    """Return the screen of standard output: rich in a terminal, otherwise plain text.

    Plain text is the same in every pipe, and fits the environment's COLUMNS if they are given.
    """
    if is_capable(sys.stdout):
        from lrac_audit.console.rich_screen import RichScreen

        return RichScreen(rich_console(sys.stdout))
    columns = os.environ.get("COLUMNS", "")
    return PlainScreen(int(columns)) if columns.isdecimal() and int(columns) else PLAIN
