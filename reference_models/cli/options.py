"""Options that several commands take, described once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from lrac_audit.cli.options import Command

design = click.option(
    "--design",
    metavar="NAME|FILE",
    required=True,
    help="The codec: track1, track2, a design in YAML, or a recipe's train.yaml.",
)
expected_design = click.option(
    "--design",
    metavar="NAME|FILE",
    help="The codec that the weights must be of: track1, track2, a design in YAML, or a recipe's "
    "train.yaml. Default: whichever the weights say.",
)
weights = click.option(
    "--weights",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Weights in safetensors, as init, import-espnet and absorb write them. Required.",
)
bitrate = click.option(
    "--bitrate",
    metavar="KBPS",
    type=float,
    help="Which of the design's modes. Default: the highest.",
)


def threads(default: int | None) -> Callable[[Command], Command]:
    """The option ``--threads``; None leaves the number to torch."""
    return click.option(
        "--threads",
        metavar="N",
        type=click.IntRange(1, 1024),
        default=default,
        show_default=default is not None,
        help="Threads of the computation." + ("" if default else " Default: torch decides."),
    )
