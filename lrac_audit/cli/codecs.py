"""``lrac-audit codecs``: public codecs beside the limits."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.console import options
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.console.progress import progress_steps
from lrac_audit.report.codecs_report import CodecsReport
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs

FORMATS = format_names(CodecsReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit codecs
  lrac-audit codecs --format markdown -o codecs.md
  lrac-audit codecs --measured --format table --format json=codecs.json""",
)
def codecs(
    measured: Annotated[
        bool,
        typer.Option(
            "--measured",
            help="Also measure the models that packages make, beside the designs; a codec without "
            "a design then has figures too. Takes minutes. Needs torch.",
        ),
    ] = False,
    requested_formats: Annotated[options.Formats, options.formats(FORMATS)] = None,
    output: options.Output = None,
) -> int:
    """Set public codecs beside the baselines and the limits: cost, storage, latency, verdicts.

    EnCodec, DAC and others, by the designs that ship as presets. --measured makes each model from
    its published configuration with random weights; nothing is downloaded. A model that cannot be
    made, for want of its package, is a skipped row with the reason. The report exits 0 whatever the
    verdicts, and 3 where a design and its model or witnesses disagree.
    """
    from lrac_audit.auditing.public_codecs import compare_codecs

    wanted = outputs(requested_formats, output, FORMATS)
    with progress_steps() as progress:
        comparison = compare_codecs(measured=measured, progress=progress)
    deliver(rendered(CodecsReport(comparison), wanted))
    is_doubted = any(codec.doubts for codec in comparison.codecs)
    return ExitCode.INCOMPLETE if is_doubted else ExitCode.WITHIN_LIMITS
