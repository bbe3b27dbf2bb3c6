"""``lrac-audit paper``: the published tables beside the recomputed figures."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lrac_audit.cli import options
from lrac_audit.cli.common import deliver, outputs, wants_colour

FORMATS = ("table", "json", "markdown")


@click.command(short_help="Compare the LRAC 2025 paper with the ledger.")
@options.formats(FORMATS)
@options.output
def paper(requested_formats: tuple[str, ...], output: Path | None) -> None:
    """Compare Tables 2 and 3 of the LRAC 2025 baseline paper with the recomputed figures.

    Every cell is marked equal or different at its printed precision.
    """
    from lrac_audit.auditing.paper import compare_with_paper
    from lrac_audit.report import paper as report
    from lrac_audit.report.text import Style

    wanted = outputs(requested_formats, output, FORMATS)
    tables = compare_with_paper()
    texts = []
    for one in wanted:
        if one.format == "json":
            text = report.render_json(tables)
        elif one.format == "markdown":
            text = report.render_markdown(tables)
        else:
            text = report.render(tables, Style(one.path is None and wants_colour(os.environ)))
        texts.append((one, text))
    deliver(texts)
