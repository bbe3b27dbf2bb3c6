"""``lrac-audit solve``: the largest scaling of fields that keeps all limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.cli import options
from lrac_audit.cli.audited_design import audited_design
from lrac_audit.console import options as shared
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from lrac_audit.report.solution_report import SolutionReport

FORMATS = format_names(SolutionReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit solve track1 --grow "encoder.*.channels"
  lrac-audit solve track2 --grow "*.channels" --multiple-of 8 --limits lrac-2025-track1
  lrac-audit solve track1 --grow "decoder.*.channels" --output wider.yaml
  lrac-audit solve track1 --grow "encoder.*.kernel" --format json""",
)
def solve(
    target: options.DesignTarget,
    grow: Annotated[
        list[str],
        typer.Option(
            "--grow",
            metavar="PATTERN",
            help="The fields to scale by one factor: an address such as encoder.input.channels, "
            "in which * stands for any parts. May be given several times.",
        ),
    ],
    multiple: Annotated[
        int,
        typer.Option(
            "--multiple-of",
            metavar="N",
            min=1,
            help="Round every scaled field down to a multiple of N.",
            show_default=True,
        ),
    ] = 1,
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the scaled design to FILE, as YAML.",
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Overwrite FILE.", rich_help_panel=shared.OUTPUT_PANEL),
    ] = False,
) -> int:
    """Find the largest common scaling of fields with which a design keeps all limits.

    Where the design breaks a limit now, the scaling is less than 1. What must follow a scaled field
    follows it, such as a width that is written twice. Every larger scaling up to twice as large is
    audited too. Exits 1 where no scaling keeps the limits.
    """
    from lrac_audit.auditing.changing.trial import Trial, terms_of
    from lrac_audit.auditing.exploring.patterns import matching
    from lrac_audit.auditing.exploring.solve import Solution
    from lrac_audit.auditing.exploring.solve import solve as found
    from lrac_audit.files import check_new, write_text

    wanted = outputs(requested_formats, None, FORMATS)
    if output is not None:
        check_new(output, force)
    design, audit = audited_design(target, limits, rvq, bitrate, convention)
    base = Trial(design, terms_of(design, audit.ledger, audit.verdict))
    addresses = {at: None for pattern in grow for at in matching(base.fields.values, pattern)}
    solution = found(base, list(addresses), multiple)
    if output is not None and isinstance(solution, Solution):
        from lrac_audit.design.native import write_design

        write_text(output, write_design(solution.best.changed.design))
    deliver(rendered(SolutionReport(audit, base, grow, solution), wanted))
    return ExitCode.WITHIN_LIMITS if isinstance(solution, Solution) else ExitCode.LIMIT_BROKEN
