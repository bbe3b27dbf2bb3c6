"""``lrac-audit codecs``: public codecs beside the limits."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.console import options
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, outputs
from lrac_audit.console.progress import progress_steps
from lrac_audit.report.codecs_report import CodecsReport
from lrac_audit.report.formats.registry import format_names, rendered

FORMATS = format_names(CodecsReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit codecs
  lrac-audit codecs --format markdown -o codecs.md""",
)
def codecs(
    requested_formats: Annotated[options.Formats, options.formats(FORMATS)] = None,
    output: options.Output = None,
) -> None:
    """Measure EnCodec, DAC, SNAC and Mimi, and set them beside the baselines and the limits.

    Each is built from its published configuration with random weights; nothing is downloaded. A
    codec whose package cannot be imported is a skipped row with the reason. Takes minutes. Needs
    torch.
    """
    from lrac_audit.auditing.public_codecs import compare_codecs

    wanted = outputs(requested_formats, output, FORMATS)
    with progress_steps() as progress:
        comparison = compare_codecs(progress)
    deliver(rendered(CodecsReport(comparison), wanted))
