"""Options that several commands take, described once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

limits = click.option(
    "--limits",
    metavar="NAME|FILE",
    help="Limit set: a name that `lrac-audit limits` lists, or a YAML file of your own. "
    "Default: the one that the design names, else lrac-2025-track1.",
)
rvq = click.option(
    "--rvq",
    metavar="absorbed|projected",
    default="absorbed",
    show_default=True,
    help="The quantizer with its output projections folded into tables, or as trained.",
)
bitrate = click.option(
    "--bitrate",
    metavar="KBPS",
    type=float,
    help="Which of the codec's modes. Default: the highest, which costs most.",
)
convention = click.option(
    "--convention",
    metavar="NAME",
    help="How operations are counted: a name that `lrac-audit conventions` lists. "
    "Default: the convention that the limits are written in.",
)
output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write to FILE instead of the terminal.",
)
verbose = click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Also list what was ignored on purpose, each with its reason.",
)
verify = click.option(
    "--verify",
    is_flag=True,
    help="Build the model of a design and hold every figure to independent witnesses; a "
    "disagreement exits 3. Needs torch.",
)
arguments = click.option(
    "--arg",
    "arguments",
    metavar="NAME=VALUE",
    multiple=True,
    help="A keyword argument for the factory of a python: target. May be given several times.",
)
debug = click.option(
    "--debug",
    is_flag=True,
    help="Show the traceback of what failed in the model of a python: target.",
)
per_frame = click.option(
    "--per-frame",
    is_flag=True,
    help="Costs per codec frame instead of per second, in tables and Markdown.",
)


def formats(allowed: Sequence[str]) -> Callable[[Command], Command]:
    """The repeatable ``--format`` of a command that renders ``allowed``, the first by default."""
    return click.option(
        "-f",
        "--format",
        "requested_formats",
        metavar="FORMAT[=FILE]",
        multiple=True,
        help=f"One of {', '.join(allowed)}. May be given several times; default {allowed[0]}.",
    )
