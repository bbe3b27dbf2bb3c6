"""Options that several commands take, described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Limits = Annotated[
    str | None,
    typer.Option(
        "--limits",
        metavar="NAME|FILE",
        help="Limit set: a name that `lrac-audit limits` lists, or your own YAML file. "
        "Default: the one that the design names, else lrac-2025-track1.",
    ),
]
Rvq = Annotated[
    str,
    typer.Option(
        "--rvq",
        metavar="absorbed|projected",
        help="Quantizer with its output projections folded into tables, or as trained.",
    ),
]
Bitrate = Annotated[
    float | None,
    typer.Option(
        "--bitrate", metavar="KBPS", help="Which of the design's modes. Default: the highest."
    ),
]
CountedBy = Annotated[
    str | None,
    typer.Option(
        "--convention",
        metavar="NAME",
        help="Counting convention, one that `lrac-audit conventions` lists. "
        "Default: the one that the limits are written in.",
    ),
]
PerFrame = Annotated[
    bool, typer.Option("--per-frame", help="Costs per codec frame instead of per second.")
]
OutputFile = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of the terminal."),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Also list what was ignored on purpose, each with its reason."
    ),
]


def formats_option(allowed: tuple[str, ...]) -> typer.models.OptionInfo:
    """The repeatable ``--format`` option of a command that renders ``allowed``."""
    return typer.Option(
        "--format",
        "-f",
        metavar="FORMAT[=FILE]",
        help=f"One of {', '.join(allowed)}; may be given several times, each with its own FILE.",
    )
