"""``lrac-audit sensitivity``: what one step of each knob of a design changes."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.cli import options
from lrac_audit.cli.audited_design import audited_design
from lrac_audit.console import options as shared
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.console.progress import progress_steps
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from lrac_audit.report.sensitivity_report import SensitivityReport

FORMATS = format_names(SensitivityReport)
TOP = 30

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit sensitivity track1
  lrac-audit sensitivity my_codec.yaml --limits lrac-2025-track1 --top 100
  lrac-audit sensitivity track1 --format csv=steps.csv --format table""",
)
def sensitivity(
    target: options.DesignTarget,
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    top: Annotated[
        int,
        typer.Option(
            "--top", min=1, help="How many steps tables and Markdown show.", show_default=True
        ),
    ] = TOP,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> int:
    """Report what one step more or less of each knob changes, and how far it may go.

    A knob is a kernel, a width, a dilation, a look-ahead, a flag such as causal, the layers of a
    quantizer with its modes, the residual units of a block, or a stride with the one of the
    decoder that undoes it. Knobs that mend a broken limit come first, the least relative change at
    the top, then those that change the cost most. Exits 0 whatever the verdict.
    """
    from lrac_audit.auditing.changing.trial import Trial, terms_of
    from lrac_audit.auditing.exploring.sensitivity import sensitivity as found

    wanted = outputs(requested_formats, output, FORMATS)
    design, audit = audited_design(target, limits, rvq, bitrate, convention)
    with progress_steps() as progress:
        steps = found(Trial(design, terms_of(design, audit.ledger, audit.verdict)), progress)
    deliver(rendered(SensitivityReport(audit, steps, top), wanted))
    return ExitCode.WITHIN_LIMITS
