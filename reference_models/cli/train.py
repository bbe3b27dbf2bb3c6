"""``lrac-codec train``: train a codec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import say, warn
from lrac_audit.console.terminal import output_screen
from lrac_audit.errors import InputError, Problem
from reference_models.cli import names

if TYPE_CHECKING:
    from reference_models.training.run_data import Manifests

PLAN_PANEL = "Plan"
CONFIGURATION_WANTED = "track1, track2, trial, debug, or the path of a configuration in YAML"
THROUGHPUT_WANTED = (
    "the seconds of audio that each process learns from in a second, more than 0, such as 300, "
    "for --plan to tell hours; every line of a run ends with the sum of its processes"
)
FOLDER_WANTED = "the folder to keep the run in, such as runs/track1; or --plan, which needs none"


def _manifest(name: str, content: str) -> Any:
    return typer.Option(
        name, metavar="MANIFEST", help=f"{content}, as a manifest.", rich_help_panel="Audio"
    )


app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec train runs/debug --configuration debug --train train.csv --validation valid.csv
  lrac-codec train runs/t1 --configuration track1 --train train.csv --validation valid.csv --resume
  lrac-codec train --plan --configuration track1 --gpus 6 --throughput 300
  torchrun --nproc-per-node 6 -m reference_models train runs/track1 --configuration track1 \\
      --train train.csv --validation valid.csv --workers 4""",
)
def train(
    folder: Annotated[Path | None, typer.Argument(help="Where the run is kept.")] = None,
    configuration_name: Annotated[
        str | None,
        typer.Option(
            "--configuration",
            metavar="NAME|FILE",
            help="What to train and how: track1, track2, trial, debug or a file in YAML. Required.",
            autocompletion=complete_from(names.configurations),
        ),
    ] = None,
    train: Annotated[Path | None, _manifest("--train", "Speech to learn from")] = None,
    validation: Annotated[
        Path | None, _manifest("--validation", "Speech to judge epochs by")
    ] = None,
    noises: Annotated[Path | None, _manifest("--noises", "Noise that training adds")] = None,
    rirs: Annotated[
        Path | None, _manifest("--rirs", "Rooms that training puts speech into")
    ] = None,
    validation_noises: Annotated[
        Path | None, _manifest("--validation-noises", "Noise that validation adds")
    ] = None,
    validation_rirs: Annotated[
        Path | None, _manifest("--validation-rirs", "Rooms that validation puts speech into")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in FOLDER.")] = False,
    other_data: Annotated[
        bool,
        typer.Option(
            "--other-data", help="With --resume: go on, though the data is not what it began with."
        ),
    ] = False,
    allow_overlap: Annotated[
        bool,
        typer.Option(
            "--allow-overlap",
            help="Only warn of files and speakers of validation that are trained on too.",
        ),
    ] = False,
    over_limit: Annotated[
        bool,
        typer.Option(
            "--over-limit", help="Train even a design that breaks the limits it is made for."
        ),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            metavar="N",
            min=0,
            max=256,
            help="Processes that read audio, for each process that trains; 0 reads in that one.",
            show_default=True,
        ),
    ] = 0,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan", help="Only say what the full run would take.", rich_help_panel=PLAN_PANEL
        ),
    ] = False,
    gpus: Annotated[
        int,
        typer.Option(
            "--gpus",
            metavar="N",
            min=1,
            max=10_000,
            help="With --plan: processes that train, one on each GPU.",
            show_default=True,
            rich_help_panel=PLAN_PANEL,
        ),
    ] = 1,
    throughput: Annotated[
        float | None,
        typer.Option(
            "--throughput",
            metavar="RATIO",
            help="With --plan: seconds of audio that each learns from in a second, more than 0; "
            "a run prints the sum.",
            rich_help_panel=PLAN_PANEL,
        ),
    ] = None,
) -> None:
    """Train a codec into FOLDER: checkpoints, the best weights and TensorBoard's files.

    The design is audited first; one that breaks its limits is refused. A run that was stopped,
    however that was, goes on with --resume as if it never had been.
    """
    _check_options(configuration_name, folder, plan, throughput)
    from reference_models.training.configuration_file import load_configuration
    from reference_models.training.cost import step_cost
    from reference_models.training.distributed import is_first_rank, process_group
    from reference_models.training.run_data import ManifestPaths, load_manifests
    from reference_models.training.session import Request, audited, estimate_session, run_session

    assert configuration_name is not None  # as checked
    configuration = load_configuration(configuration_name)
    result = audited(configuration, over_limit)
    if plan:
        assert throughput is not None  # as checked
        say(estimate_session(configuration, train, gpus, throughput, output_screen()))
        return
    assert folder is not None  # as checked
    paths = ManifestPaths(
        train=train,
        validation=validation,
        noises=noises,
        rirs=rirs,
        validation_noises=validation_noises,
        validation_rirs=validation_rirs,
    )
    manifests = load_manifests(paths, configuration)
    _check_overlap(manifests, allow_overlap)
    request = Request(
        configuration=configuration,
        manifests=manifests,
        folder=folder,
        resume=resume,
        other_data=other_data,
        workers=workers,
    )
    # Before processes are joined, since codebooks then share counts; only in the one that reports.
    cost = step_cost(configuration) if is_first_rank() else None
    with process_group() as processes:
        run_session(request, result, cost, processes, say, output_screen())


def _check_options(
    configuration: str | None, folder: Path | None, plan: bool, throughput: float | None
) -> None:
    """Check that a configuration is named, and that a plan has its throughput, a run its folder.

    Raises:
        InputError: with all that is missing, and a throughput that is not above 0 or for no plan.
    """
    given = "nothing" if throughput is None else f"{throughput:g}"
    problems = []
    if configuration is None:
        problems.append(Problem("--configuration", "nothing", CONFIGURATION_WANTED))
    if plan and not (throughput and throughput > 0):
        problems.append(Problem("--throughput", given, THROUGHPUT_WANTED))
    if not plan and throughput is not None:
        problems.append(Problem("--throughput", given, "nothing but with --plan"))
    if not plan and folder is None:
        problems.append(Problem("FOLDER", "nothing", FOLDER_WANTED))
    if problems:
        raise InputError("options", problems)


def _check_overlap(manifests: Manifests, allowed: bool) -> None:
    """Check that validation is held out; if overlap is ``allowed``, warn of it.

    Raises:
        InputError: names, files or speakers of a part of validation are trained on too.
    """
    from reference_models.training.distributed import is_first_rank

    for overlap in manifests.overlaps():
        if not allowed:
            raise overlap
        if is_first_rank():
            warn("".join(f"warning: {line}" for line in str(overlap).splitlines(keepends=True)))
