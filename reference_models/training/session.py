"""A training session: a whole run, or an estimate of one, from a user's request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lrac_audit.auditing.audit import Audit, audit
from lrac_audit.console.screen import Screen
from lrac_audit.errors import InputError, Problem
from lrac_audit.files import WRITABLE, path_error
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.formats.table_format import TableFormat
from lrac_audit.report.numerals import check_value
from reference_models.training.callbacks import run_callbacks
from reference_models.training.checkpoint import load_checkpoint
from reference_models.training.configuration import Configuration
from reference_models.training.configuration_file import configuration_tree
from reference_models.training.cost import StepCost, cost_table, step_cost
from reference_models.training.distributed import ProcessGroup
from reference_models.training.interruption import postponed_interrupts
from reference_models.training.loop import Run, train
from reference_models.training.models import build_models
from reference_models.training.request import open_sources, steps_per_epoch
from reference_models.training.resumption import begin, resume
from reference_models.training.run_data import Manifests
from reference_models.training.run_end import STOPPED, already_finished, finished
from reference_models.training.run_estimate import (
    assumed_steps_per_epoch,
    estimate_run,
    estimate_text,
)
from reference_models.training.run_folder import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A user's request for a training run."""

    configuration: Configuration
    manifests: Manifests
    folder: Path
    resume: bool
    other_data: bool
    """Whether a run may be resumed with other data than it began with."""
    workers: int
    """Processes that read audio, for each process that trains."""


def audited(configuration: Configuration, over_limit: bool) -> Audit:
    """Return the audit of the design that is to be trained.

    Raises:
        InputError: the design does not keep to every limit, and not ``over_limit``; with all that
            it breaks, or that are unknown of it.
    """
    result = audit(configuration.design)
    if result.verdict.status == "pass" or over_limit:
        return result
    problems = [
        Problem(check.id, check_value(check), f"{check.limit}; or --over-limit, to train it anyway")
        for check in result.verdict.checks
        if check.status != "pass"
    ]
    raise InputError(configuration.design.name, problems)


def run_session(
    request: Request,
    result: Audit,
    cost: StepCost | None,
    processes: ProcessGroup,
    say: Callable[[str], None],
    screen: Screen,
) -> None:
    """Train until the end, in this and all other ``processes``; the one with a ``cost`` reports.

    Raises:
        InputError: a file or an option cannot be used, or a loss is not finite.
        KeyboardInterrupt: the run was interrupted; its last checkpoint is whole.
    """
    configuration, folder = request.configuration, RunFolder(request.folder)
    sources = open_sources(request.manifests, configuration, processes, request.workers)
    tree = configuration_tree(configuration)
    data = request.manifests.summaries()
    tell = say if cost is not None else _ignore
    with folder.locked(processes), postponed_interrupts(processes) as stop:
        start = resume(folder, tree, data, request.other_data) if request.resume else begin(folder)
        if start.position.epoch >= configuration.epochs:
            tell(already_finished(folder, start.position, configuration.epochs))
            return
        if cost is not None:
            costs = cost_table(cost, configuration.batch_size, screen)
            say(f"{TableFormat().render(AuditReport(result), screen)}\n{costs}\n")
        models = build_models(configuration, processes)
        if request.resume:
            load_checkpoint(folder.last, models)
        run = Run(
            configuration=configuration,
            models=models,
            training=sources.training,
            validation=sources.validation,
            processes=processes,
            folder=folder,
            audit=result.document(),
            configuration_tree=tree,
            data=data,
            curve=list(start.curve),
        )
        try:
            with run_callbacks(run, start.position, cost, say) as callback:
                train(run, start.position, callback, stop)
            tell(finished(folder, request.manifests.validation.source))
        except KeyboardInterrupt:
            if folder.last.exists():
                tell(STOPPED)
            raise
        except OSError as error:  # such as a disk too full for TensorBoard's files
            raise path_error(request.folder, error, WRITABLE) from None


def _ignore(text: str) -> None:
    """Do nothing with the messages of a process that does not report."""


def estimate_session(
    configuration: Configuration,
    train: Path | None,
    processes: int,
    audio_s_per_s: float,
    screen: Screen,
) -> str:
    """Return the estimate of a full run, as text; nothing is trained.

    Raises:
        InputError: the manifest cannot be read, or the batch cannot be split.
    """
    steps = assumed_steps_per_epoch(configuration)
    if train is not None:
        steps = steps_per_epoch(train, configuration, processes)
    cost = step_cost(configuration)
    plan = estimate_run(configuration, cost, steps, processes, audio_s_per_s)
    speed = f"{processes} x {audio_s_per_s:g} s of audio per s"
    costs = cost_table(cost, configuration.batch_size, screen)
    return f"{costs}\n{estimate_text(configuration, plan, train is None, speed, screen)}"
