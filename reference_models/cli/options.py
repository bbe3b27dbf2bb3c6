"""Options of the reference codecs that several commands take, described once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lrac_audit.console.completion import complete_from
from lrac_audit.errors import InputError, Problem
from reference_models.cli import names

if TYPE_CHECKING:
    from reference_models.parallel.mapping import Workers

MODE_PANEL = "Which codec"

Design = Annotated[
    str,
    typer.Option(
        "--design",
        metavar="NAME|FILE",
        help="The codec: track1, track2, a design in YAML, or a recipe's train.yaml.",
        autocompletion=complete_from(names.presets),
        rich_help_panel=MODE_PANEL,
    ),
]
ExpectedDesign = Annotated[
    str | None,
    typer.Option(
        "--design",
        metavar="NAME|FILE",
        help="The codec that the weights must be of: track1, track2, a design in YAML, or a "
        "recipe's train.yaml. Default: whichever the weights say.",
        autocompletion=complete_from(names.presets),
        rich_help_panel=MODE_PANEL,
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        metavar="FILE",
        help="Weights in safetensors, as init, import-espnet and absorb write them. Required.",
        rich_help_panel=MODE_PANEL,
    ),
]
Bitrate = Annotated[
    float | None,
    typer.Option(
        "--bitrate",
        metavar="KBPS",
        help="Which of the design's modes. Default: the highest.",
        rich_help_panel=MODE_PANEL,
    ),
]


def threads(default: str = "") -> Any:
    """Return the option ``--threads``, whose help ends with ``default``."""
    return typer.Option(
        "--threads",
        metavar="N",
        min=1,
        max=1024,
        help=f"Threads of the computation.{default}",
        show_default=not default,
    )


Threads = Annotated[int | None, threads(" Default: torch decides.")]

WORKERS_PANEL = "Who does the work"

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        metavar="N",
        min=1,
        max=1024,
        help="Processes that share the work. Default: one for each core.",
        rich_help_panel=WORKERS_PANEL,
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="The scheduler of a Dask cluster, such as tcp://host:8786, whose workers have this "
        "program and see the same files. It then does the work.",
        rich_help_panel=WORKERS_PANEL,
    ),
]


def workers(jobs: int | None, scheduler: str) -> Workers:
    """Return who does the work, as ``--jobs`` and ``--scheduler`` say.

    Raises:
        InputError: both are given.
    """
    from reference_models.parallel.mapping import Workers, core_count

    if scheduler and jobs is not None:
        problem = Problem("--jobs", f"{jobs} and --scheduler", "one of the two")
        raise InputError("options", [problem])
    return Workers(jobs or core_count(), scheduler)
