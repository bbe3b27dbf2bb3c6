"""``lrac-codec train``: train a codec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from lrac_audit.cli.common import say
from lrac_audit.cli.options import Command
from lrac_audit.errors import InputError, Problem


def _manifest(name: str, what: str) -> Callable[[Command], Command]:
    return click.option(
        name, metavar="MANIFEST", type=click.Path(path_type=Path), help=f"{what}, as a manifest."
    )


@click.command(
    short_help="Train a codec.",
    epilog="""\b
Examples:
  lrac-codec train runs/debug --configuration debug --train train.csv --validation valid.csv
  lrac-codec train runs/t1 --configuration track1 --train train.csv --validation valid.csv --resume
  lrac-codec train --plan --configuration track1 --gpus 6 --throughput 300
  torchrun --nproc-per-node 6 -m reference_models train runs/track1 --configuration track1 \\
      --train train.csv --validation valid.csv --workers 4""",
)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--configuration",
    "configuration_name",
    metavar="NAME|FILE",
    required=True,
    help="How to train which codec: track1, track2, debug, or a file in YAML.",
)
@_manifest("--train", "Speech to learn from")
@_manifest("--validation", "Speech to judge epochs by")
@_manifest("--noises", "Noise that training adds")
@_manifest("--rirs", "Rooms that training puts speech into")
@_manifest("--validation-noises", "Noise that validation adds")
@_manifest("--validation-rirs", "Rooms that validation puts speech into")
@click.option("--resume", is_flag=True, help="Go on with the run in FOLDER.")
@click.option(
    "--over-limit", is_flag=True, help="Train even a design that breaks the limits it is made for."
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(0, 256),
    default=0,
    show_default=True,
    help="Processes that read audio, for each process that trains; 0 reads in that one.",
)
@click.option("--plan", is_flag=True, help="Only say what the full run would take.")
@click.option(
    "--gpus",
    metavar="N",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="With --plan: processes that train, one on each GPU.",
)
@click.option(
    "--throughput",
    metavar="RATIO",
    type=click.FloatRange(0, min_open=True),
    help="With --plan: seconds of audio that each learns from in a second; a run prints the sum.",
)
def train(
    folder: Path | None,
    configuration_name: str,
    train: Path | None,
    validation: Path | None,
    noises: Path | None,
    rirs: Path | None,
    validation_noises: Path | None,
    validation_rirs: Path | None,
    resume: bool,
    over_limit: bool,
    workers: int,
    plan: bool,
    gpus: int,
    throughput: float | None,
) -> None:
    """Train a codec into FOLDER: checkpoints, the best weights and TensorBoard's files.

    The design is audited first; one that breaks its limits is refused. A run that was stopped,
    however that was, goes on with --resume as if it never had been.
    """
    wanted = {"--throughput": throughput} if plan else {"FOLDER": folder}
    _check_given(wanted)
    from reference_models.training.configuration_file import load_configuration
    from reference_models.training.cost import step_cost
    from reference_models.training.distributed import is_first_rank, process_group
    from reference_models.training.request import Manifests
    from reference_models.training.session import Request, audited, estimate_session, run_session

    configuration = load_configuration(configuration_name)
    result = audited(configuration, over_limit)
    if plan:
        assert throughput is not None  # as checked
        say(estimate_session(configuration, train, gpus, throughput))
        return
    assert folder is not None  # as checked
    manifests = Manifests(
        train=train,
        validation=validation,
        noises=noises,
        rirs=rirs,
        validation_noises=validation_noises,
        validation_rirs=validation_rirs,
    )
    request = Request(
        configuration=configuration,
        manifests=manifests,
        folder=folder,
        resume=resume,
        workers=workers,
    )
    # Before the processes join, since codebooks then share their counts; for the first rank only.
    cost = step_cost(configuration) if is_first_rank() else None
    with process_group() as processes:
        run_session(request, result, cost, processes, say)


def _check_given(wanted: Mapping[str, object]) -> None:
    problems = [Problem(name, "nothing", "a value") for name, x in wanted.items() if x is None]
    if problems:
        raise InputError("options", problems)
