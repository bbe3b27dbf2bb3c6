"""Options of the auditor that several commands take, described once."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.cli import names
from lrac_audit.console.completion import complete_from

MODE_PANEL = "What is audited"
EVIDENCE_PANEL = "Evidence"

TARGET_HELP = (
    "track1, track2, a design in YAML, a recipe's train.yaml, a design sheet (.xlsx), or "
    "python:package.module:factory."
)

Target = Annotated[
    str, typer.Argument(help=TARGET_HELP, autocompletion=complete_from(names.presets))
]
Targets = Annotated[
    list[str],
    typer.Argument(metavar="TARGET", help=TARGET_HELP, autocompletion=complete_from(names.presets)),
]
Limits = Annotated[
    str | None,
    typer.Option(
        "--limits",
        metavar="NAME|FILE",
        help="Limit set: a name that `lrac-audit limits` lists, or a YAML file of your own. "
        "Default: the one that the design names, else lrac-2025-track1.",
        autocompletion=complete_from(names.limit_sets),
        rich_help_panel=MODE_PANEL,
    ),
]
Rvq = Annotated[
    str,
    typer.Option(
        "--rvq",
        metavar="FORM",
        help="The quantizer: absorbed, its output projections folded into tables, or projected, as "
        "trained.",
        show_default=True,
        autocompletion=complete_from(names.rvq_forms),
        rich_help_panel=MODE_PANEL,
    ),
]
Bitrate = Annotated[
    float | None,
    typer.Option(
        "--bitrate",
        metavar="KBPS",
        help="Which of the codec's modes. Default: the highest, which costs most.",
        rich_help_panel=MODE_PANEL,
    ),
]
Convention = Annotated[
    str | None,
    typer.Option(
        "--convention",
        metavar="NAME",
        help="How operations are counted: a name that `lrac-audit conventions` lists. "
        "Default: the convention that the limits are written in.",
        autocompletion=complete_from(names.conventions),
        rich_help_panel=MODE_PANEL,
    ),
]
Arguments = Annotated[
    list[str] | None,
    typer.Option(
        "--arg",
        metavar="NAME=VALUE",
        help="A keyword argument for the factory of a python: target. May be given several times.",
        rich_help_panel=MODE_PANEL,
    ),
]
SampleRate = Annotated[
    int | None,
    typer.Option(
        "--sample-rate",
        metavar="HZ",
        help="The sample rate of a python: target that does not say it.",
        rich_help_panel=MODE_PANEL,
    ),
]
Hop = Annotated[
    int | None,
    typer.Option(
        "--hop",
        metavar="SAMPLES",
        help="The samples in one frame of a python: target that does not say it.",
        rich_help_panel=MODE_PANEL,
    ),
]
Verify = Annotated[
    bool,
    typer.Option(
        "--verify",
        help="Build the model of a design and hold every figure to independent witnesses; a "
        "disagreement exits 3. Needs torch.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show the traceback of what failed in the model of a python: target.",
        rich_help_panel=EVIDENCE_PANEL,
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Also list what was ignored on purpose, each with its reason.",
    ),
]
