"""``lrac-audit codecs``: public codecs beside the limits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrac_audit.cli import options
from lrac_audit.cli.common import deliver, outputs, progress_lines, wants_colour

if TYPE_CHECKING:
    from lrac_audit.comparing import Comparison

FORMATS = ("table", "json", "csv", "markdown")


@click.command(
    short_help="Compare public codecs with the limits.",
    epilog="""\b
Examples:
  lrac-audit codecs
  lrac-audit codecs --format markdown -o codecs.md""",
)
@options.formats(FORMATS)
@options.output
def codecs(requested_formats: tuple[str, ...], output: Path | None) -> None:
    """Measure EnCodec, DAC, SNAC and Mimi, and set them beside the baselines and the limits.

    Each is built from its published configuration with random weights; nothing is downloaded. A
    codec whose package cannot be imported is a skipped row with the reason. Takes minutes. Needs
    torch.
    """
    from lrac_audit.comparing import compare_codecs

    wanted = outputs(requested_formats, output, FORMATS)
    comparison = compare_codecs(progress_lines())
    deliver([(one, _render(comparison, one.format, one.path is None)) for one in wanted])


def _render(comparison: Comparison, format_name: str, to_terminal: bool) -> str:
    from lrac_audit.report import codecs as report
    from lrac_audit.report.text import Style

    if format_name == "json":
        return json.dumps(report.document(comparison), indent=2, allow_nan=False) + "\n"
    if format_name == "csv":
        return report.render_csv(comparison)
    if format_name == "markdown":
        return report.render_markdown(comparison)
    return report.render(comparison, Style(to_terminal and wants_colour(os.environ)))
