"""``lrac-audit explore``: the best designs of a space that are within the limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.auditing.exploring.defaults import MAX_DESIGNS, TRIALS
from lrac_audit.cli import options
from lrac_audit.cli.audited_design import audited_design
from lrac_audit.console import options as shared
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.console.progress import progress_bar
from lrac_audit.report.exploration_report import ExplorationReport
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs

FORMATS = format_names(ExplorationReport)
SPACE_PANEL = "The space and what is wished"
SEARCH_PANEL = "The search"

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit explore track1 --vary "encoder.blocks.*.convs.0.kernel=3,5,7"
    --objective receptive_field --objective -overall_mflops
  lrac-audit explore my_codec.yaml --vary "each decoder.blocks.*.up.channels=8..64:8"
    --objective parameters --objective -receive_mflops --designs front""",
)
def explore(
    target: options.DesignTarget,
    vary: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="[each ]PATTERN=VALUES",
            help="Fields of the design and the values that they may take: numbers, ranges such as "
            "8..128:8, true, false, with commas between them. The fields that a pattern matches "
            "have one value together; after the word each, every one is varied apart. May be given "
            "several times.",
            rich_help_panel=SPACE_PANEL,
        ),
    ],
    objective: Annotated[
        list[str],
        typer.Option(
            "--objective",
            metavar="[-]NAME",
            help="A figure of which more is better, or less with - before it: overall_mflops, "
            "total_latency_ms, receptive_field, parameters, or, after transmit_ or receive_, "
            "mflops, stored_bytes, state_bytes, scratch_bytes; or python:package.module:function, "
            "whose code is then run on each audit. May be given several times.",
            rich_help_panel=SPACE_PANEL,
        ),
    ],
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            min=1,
            metavar="N",
            help="Processes that search. The result is the same for any number of them.",
            show_default=True,
            rich_help_panel=SEARCH_PANEL,
        ),
    ] = 1,
    max_designs: Annotated[
        int,
        typer.Option(
            "--max-designs",
            min=1,
            metavar="N",
            help="The largest space that is decided exactly. A larger one is searched by evolution "
            "(NSGA-II of optuna, the extra explore), which proves nothing.",
            show_default=True,
            rich_help_panel=SEARCH_PANEL,
        ),
    ] = MAX_DESIGNS,
    trials: Annotated[
        int,
        typer.Option(
            "--trials",
            min=1,
            metavar="N",
            help="The designs that a search by evolution audits.",
            show_default=True,
            rich_help_panel=SEARCH_PANEL,
        ),
    ] = TRIALS,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=2**31,
            metavar="N",
            help="Makes a search by evolution repeatable, without --storage and in one process.",
            rich_help_panel=SEARCH_PANEL,
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="URL",
            help="A database such as sqlite:///front.db that a search by evolution goes on from, "
            "and that the same command may share on several machines.",
            rich_help_panel=SEARCH_PANEL,
        ),
    ] = None,
    designs: Annotated[
        Path | None,
        typer.Option(
            "--designs",
            metavar="FOLDER",
            help="Write each design of the front as a YAML file into FOLDER, and index.csv.",
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> int:
    """Find the designs of a space that are within the limits and best in the objectives.

    The result is the Pareto front: the designs than which no other is better in everything. Every
    design of the space is decided, most of them by bounds on what a part of the path costs, unless
    there are more than --max-designs. An interruption from the keyboard keeps what was found, and
    exits 130.
    """
    from lrac_audit.auditing.exploring.explore import Wishes, explore, read_wishes
    from lrac_audit.auditing.exploring.study import Evolution
    from lrac_audit.auditing.exploring.written_designs import write_designs

    wanted = outputs(requested_formats, output, FORMATS)
    wishes = Wishes(vary, objective, bitrate, jobs, max_designs, Evolution(trials, seed, storage))
    design, base = audited_design(target, limits, rvq, bitrate, convention)
    space, _ = read_wishes(design, wishes)
    with progress_bar("designs", trials if space.size > max_designs else space.size) as advance:
        found = explore(base, wishes, advance)
    report = ExplorationReport(found)
    if designs is not None:
        write_designs(designs, found, report.records())
    deliver(rendered(report, wanted))
    return ExitCode.INTERRUPTED if found.is_interrupted else ExitCode.WITHIN_LIMITS
