"""``lrac-audit reconcile``: what explains a published figure."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lrac_audit.cli import options
from lrac_audit.cli.common import deliver, outputs, wants_colour
from lrac_audit.errors import InputError, Problem, shown

FORMATS = ("table", "json")


@click.command(
    short_help="Find what explains a published figure.",
    epilog="""\b
Example:
  lrac-audit reconcile track2 --stage decoder --published 563.3""",
)
@click.argument("target")
@click.option(
    "--stage",
    metavar="STAGE",
    required=True,
    help="What was published: encoder, rvq_transmit, rvq_receive, decoder, transmit, receive "
    "or overall.",
)
@click.option(
    "--published",
    metavar="FIGURE",
    required=True,
    help="The figure as it was printed; its last place sets how close an explanation must come.",
)
@options.rvq
@options.bitrate
@options.convention
@options.formats(FORMATS)
@options.output
def reconcile(
    target: str,
    stage: str,
    published: str,
    rvq: str,
    bitrate: float | None,
    convention: str | None,
    requested_formats: tuple[str, ...],
    output: Path | None,
) -> None:
    """Find which layers of TARGET, left out or with another kernel, explain a published figure.

    Explanations by one layer come first; those by two layers are counted.
    """
    from lrac_audit.auditing import reconcile as search
    from lrac_audit.auditing.audit import audit
    from lrac_audit.auditing.printed_figure import parse_figure
    from lrac_audit.ledger.totals import PARTS
    from lrac_audit.report import reconciliation as report
    from lrac_audit.report.text import Style

    wanted = outputs(requested_formats, output, FORMATS)
    figure = parse_figure(published, "--published")
    part = next((part for part in PARTS if part == stage), None)
    if part is None:
        raise InputError(
            "options", [Problem("--stage", shown(stage), "one of " + ", ".join(PARTS))]
        )
    found = audit(target, rvq=rvq, bitrate_kbps=bitrate, convention=convention)
    result = search.reconcile(found.ledger, found.convention, part, figure)
    subject = report.Subject(found, part, figure, result)
    texts = []
    for one in wanted:
        if one.format == "json":
            text = report.render_json(subject)
        else:
            text = report.render(subject, Style(one.path is None and wants_colour(os.environ)))
        texts.append((one, text))
    deliver(texts)
