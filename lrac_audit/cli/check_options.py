"""Options that only ``check`` takes, since it may judge many targets on several terms each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.cli import names, options
from lrac_audit.console.completion import complete_from
from lrac_audit.console.options import OUTPUT_PANEL

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET",
        help=options.TARGET_HELP[:-1]
        + ", a folder of such files, or a pattern such as 'entries/**/*.yaml'. Default: those of "
        "the project's configuration.",
        autocompletion=complete_from(names.presets),
        show_default=False,
    ),
]
SEVERAL = " May be given several times."
Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--limits",
        metavar="NAME|FILE",
        help=options.LIMITS_HELP + SEVERAL,
        autocompletion=complete_from(names.limit_sets),
        rich_help_panel=options.MODE_PANEL,
    ),
]
Forms = Annotated[
    list[str] | None,
    typer.Option(
        "--rvq",
        metavar="FORM",
        help=f"{options.RVQ_HELP} Default: absorbed.{SEVERAL}",
        autocompletion=complete_from(names.rvq_forms),
        rich_help_panel=options.MODE_PANEL,
    ),
]
Bitrates = Annotated[
    list[float] | None,
    typer.Option(
        "--bitrate",
        metavar="KBPS",
        help=options.BITRATE_HELP + SEVERAL,
        rich_help_panel=options.MODE_PANEL,
    ),
]
Conventions = Annotated[
    list[str] | None,
    typer.Option(
        "--convention",
        metavar="NAME",
        help=options.CONVENTION_HELP + SEVERAL,
        autocompletion=complete_from(names.conventions),
        rich_help_panel=options.MODE_PANEL,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The project's configuration. Default, where there is no target: the nearest "
        "lrac-audit.yaml, or pyproject.toml with [tool.lrac-audit].",
        rich_help_panel=options.MODE_PANEL,
    ),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        min=1,
        metavar="N",
        help="Audit on up to N processes, at most one for each core.",
        rich_help_panel=options.EVIDENCE_PANEL,
    ),
]
ByTarget = Annotated[
    bool | None,
    typer.Option(
        "--summary/--checks",
        help="One row for each target, or one for each check. Default: in csv for each check; "
        "elsewhere for each target, where there are more than 8 or several judgements of one.",
        show_default=False,
        rich_help_panel=OUTPUT_PANEL,
    ),
]
Sort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="[-]COLUMN",
        help="Sort the targets by a column of the summary, with a minus the largest first: "
        "margin, target, bitrate, overall, transmit, receive, latency, verdict. Default: as given.",
        autocompletion=complete_from(names.sort_columns),
        rich_help_panel=OUTPUT_PANEL,
    ),
]
