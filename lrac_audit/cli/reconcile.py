"""``lrac-audit reconcile``: what explains a published figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import names, options
from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, outputs
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.reconciliation_report import ReconciliationReport

if TYPE_CHECKING:
    from lrac_audit.ledger.totals import Part

FORMATS = format_names(ReconciliationReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Example:
  lrac-audit reconcile track2 --stage decoder --published 563.3""",
)
def reconcile(
    target: options.Target,
    stage: Annotated[
        str,
        typer.Option(
            "--stage",
            metavar="STAGE",
            help="What was published: encoder, rvq_transmit, rvq_receive, decoder, transmit, "
            "receive or overall.",
            autocompletion=complete_from(names.stages),
        ),
    ],
    published: Annotated[
        str,
        typer.Option(
            "--published",
            metavar="FIGURE",
            help="The figure as it was printed; its last place sets how close an explanation "
            "must come.",
        ),
    ],
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> None:
    """Find which layers of TARGET, left out or with another kernel, explain a published figure.

    Explanations by one layer come first; those by two layers are counted.
    """
    from lrac_audit.auditing import reconcile as search
    from lrac_audit.auditing.audit import audit
    from lrac_audit.auditing.printed_figure import parse_figure

    wanted = outputs(requested_formats, output, FORMATS)
    figure = parse_figure(published, "--published")
    part = _part(stage)
    found = audit(target, rvq=rvq, bitrate_kbps=bitrate, convention=convention)
    result = search.reconcile(found.ledger, found.convention, part, figure)
    deliver(rendered(ReconciliationReport(found, part, figure, result), wanted))


def _part(stage: str) -> Part:
    from lrac_audit.ledger.totals import PARTS

    for part in PARTS:
        if part == stage:
            return part
    raise InputError("options", [Problem("--stage", shown(stage), one_of(PARTS, stage))])
