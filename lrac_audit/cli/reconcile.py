"""``lrac-audit reconcile``: what explains a published figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import names, options
from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import debugging, deliver
from lrac_audit.console.progress import progress_steps
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from lrac_audit.report.reconciliation_report import ReconciliationReport

if TYPE_CHECKING:
    from lrac_audit.auditing.printed_figure import PublishedFigure
    from lrac_audit.auditing.printed_limits import PrintedLimit
    from lrac_audit.auditing.readings import FigureToExplain
    from lrac_audit.auditing.subject import Subject
    from lrac_audit.ledger.totals import Part
    from lrac_audit.limits.limit_set import LimitSet

FORMATS = format_names(ReconciliationReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit reconcile track2 --stage decoder --published 563.3
  lrac-audit reconcile track1 --stage rvq_transmit --published 19.35
  lrac-audit reconcile python:my_package.models:make_codec --convention macs \\
      --stage encoder --published 436.30 --stage decoder --published 984.50""",
)
def reconcile(
    target: options.Target,
    stages: Annotated[
        list[str],
        typer.Option(
            "--stage",
            metavar="STAGE",
            help="What was published: encoder, rvq_transmit, rvq_receive, decoder, transmit, "
            "receive or overall. Several stages and figures of one source are explained together.",
            autocompletion=complete_from(names.stages),
        ),
    ],
    published: Annotated[
        list[str],
        typer.Option(
            "--published",
            metavar="FIGURE",
            help="The figure as it was printed, one for each --stage and in their order; its last "
            "place sets how close an explanation must come.",
        ),
    ],
    limits: Annotated[
        str | None,
        typer.Option(
            "--limits",
            metavar="NAME|FILE",
            help="Also say whether the figures of overall and receive keep these limits, as "
            "printed and as recomputed.",
            autocompletion=complete_from(names.limit_sets),
        ),
    ] = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    arguments: options.Arguments = None,
    sample_rate: options.SampleRate = None,
    hop: options.Hop = None,
    debug: options.Debug = False,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> None:
    """Find what explains a published figure: a way of counting met in print, or edits of layers.

    Tried, alone and together: MACs printed as FLOPs, biases, no search, one frame or a clip of some
    seconds, transposed convolutions at the output rate, halved, rounded; then each layer left out
    or with another kernel. The report says how many explanations fit, and what comes nearest.
    """
    from lrac_audit.auditing.subject import read_subject
    from lrac_audit.limits.limit_set import load_limits
    from lrac_audit.witness.factory_arguments import parse_arguments
    from lrac_audit.witness.stated_rates import StatedRates

    wanted = outputs(requested_formats, output, FORMATS)
    asked = _asked(stages, published)
    limit_set = None if limits is None else load_limits(limits)
    with debugging(debug), progress_steps() as progress:
        subject = read_subject(
            target,
            rvq=rvq,
            bitrate_kbps=bitrate,
            convention=convention,
            arguments=parse_arguments(arguments or ()),
            stated=StatedRates(sample_rate, hop).checked(),
            progress=progress,
        )
    _refuse_sides(subject, asked)
    deliver(rendered(_explained(subject, asked, limit_set), wanted))


def _explained(
    subject: Subject, asked: list[tuple[Part, PublishedFigure]], limits: LimitSet | None
) -> ReconciliationReport:
    """Search for what explains the figures, and hold them to ``limits``."""
    from lrac_audit.auditing.print_conventions import explain
    from lrac_audit.auditing.readings import FigureToExplain
    from lrac_audit.auditing.reconcile import reconcile as edits_of_layers

    ledger, convention = subject.ledger, subject.convention
    figures = [
        FigureToExplain(part, part, figure, convention, subject.works) for part, figure in asked
    ]
    layers = [edits_of_layers(ledger, convention, part, figure) for part, figure in asked]
    held, remarks = ([], []) if limits is None else _held_to(limits, figures)
    subject = subject._replace(remarks=(*remarks, *subject.remarks))
    return ReconciliationReport(subject, explain(figures), layers, held)


def _held_to(
    limits: LimitSet, figures: list[FigureToExplain]
) -> tuple[list[PrintedLimit], list[str]]:
    """Return the limits on the figures, and a remark on each figure that has none."""
    from lrac_audit.auditing.printed_limits import printed_limit

    held: list[PrintedLimit] = []
    remarks: dict[str, None] = {}
    for one in figures:
        limit = printed_limit(one, limits)
        if limit is None:
            remarks[f"{limits.title} has no limit on the cost of {one.part}"] = None
        else:
            held.append(limit)
    return held, list(remarks)


def _asked(stages: list[str], published: list[str]) -> list[tuple[Part, PublishedFigure]]:
    """Return each stage with its figure.

    Raises:
        InputError: they are not as many, or some are not valid; with every problem found.
    """
    from lrac_audit.auditing.printed_figure import parse_figure

    if len(stages) != len(published):
        given = f"{len(stages)} of --stage and {len(published)} of --published"
        raise InputError("options", [Problem("", given, "one --published for each --stage")])
    problems: list[Problem] = []
    parts, figures = [], []
    for stage, text in zip(stages, published, strict=True):
        with _collecting(problems):
            parts.append(_part(stage))
        with _collecting(problems):
            figures.append(parse_figure(text, "--published"))
    if problems:
        raise InputError("options", problems)
    return list(zip(parts, figures, strict=True))


@contextmanager
def _collecting(problems: list[Problem]) -> Iterator[None]:
    """Add the problems that the block raises to ``problems``."""
    try:
        yield
    except InputError as error:
        problems += error.problems


def _refuse_sides(subject: Subject, asked: list[tuple[Part, PublishedFigure]]) -> None:
    """Refuse the cost of a part of a codec that was measured whole."""
    from lrac_audit.ledger.totals import WHOLE

    parts = [part for part, _ in asked if part not in WHOLE]
    if parts and not subject.ledger.is_divided:
        allowed = "overall, of a codec that was measured whole"
        raise InputError(subject.source, [Problem("--stage", ", ".join(parts), allowed)])


def _part(stage: str) -> Part:
    from lrac_audit.ledger.totals import PARTS

    for part in PARTS:
        if part == stage:
            return part
    raise InputError("options", [Problem("--stage", shown(stage), one_of(PARTS, stage))])
