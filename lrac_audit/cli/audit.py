"""``lrac-audit audit``: report on one codec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import options
from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.console import options as shared
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import Output, deliver
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs

if TYPE_CHECKING:
    from lrac_audit.report.cost_groups import Grouping
    from lrac_audit.report.pictures.plot_files import PlotFile

FORMATS = format_names(AuditReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit audit track1
  lrac-audit audit my_codec.yaml --limits lrac-2025-track2 --rvq projected
  lrac-audit audit conf/train.yaml --format json -o audit.json
  lrac-audit audit track2 --format csv=layers.csv --format table
  lrac-audit audit track1 --by block
  lrac-audit audit track1 --format html=audit.html
  lrac-audit audit track1 --format latex=tables.tex --plot cost.pdf
  lrac-audit audit track1 --format model-card -o README.md
  lrac-audit audit track1 --verify
  lrac-audit audit python:my_package.models:make_codec --arg channels=32
  lrac-audit audit python:my_package.models:make_codec --sample-rate 16000 --hop 320
  lrac-audit audit python:submission.codec:make --isolated --time-limit 120
  lrac-audit audit exported_graphs
  lrac-audit audit encoder.onnx --sample-rate 16000""",
)
def audit(
    target: options.Target,
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    arguments: options.Arguments = None,
    sample_rate: options.SampleRate = None,
    hop: options.Hop = None,
    verify: options.Verify = False,
    isolated: options.Isolated = False,
    time_limit: options.TimeLimit = None,
    memory_limit: options.MemoryLimit = None,
    debug: options.Debug = False,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
    per_frame: Annotated[
        bool,
        typer.Option(
            "--per-frame",
            help="Costs per codec frame instead of per second, in tables and Markdown.",
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = False,
    by: options.By = None,
    plots: options.Plots = None,
    verbose: options.Verbose = False,
) -> int:
    """Report every layer's cost and delay, the totals per side, and the verdict.

    TARGET is track1, track2, a design in YAML, a recipe's train.yaml, a design sheet (.xlsx), an
    ONNX graph or a folder with those of both sides, or any PyTorch codec:
    python:package.module:factory names a function that returns it, and runs that code. The report
    exits 0 whatever the verdict, 2 on bad input, 3 where witnesses disagree;
    `lrac-audit check` is the gate.
    """
    wanted, grouping = outputs(requested_formats, output, FORMATS), _grouping(by)
    request = AuditRequest(
        targets=[target],
        limits=limits,
        rvq=rvq,
        bitrate_kbps=bitrate,
        convention=convention,
        arguments=arguments or (),
        sample_rate_hz=sample_rate,
        hop_samples=hop,
        verify=verify,
        process_limits=options.process_limits(isolated, time_limit, memory_limit, debug),
        debug=debug,
    )
    drawings = _plot_files(plots or ())
    result = request.audit(target)
    contents = rendered(AuditReport(result, per_frame, verbose, grouping), wanted)
    files = [(Output("plot", plot.path), plot.drawn(result)) for plot in drawings]
    deliver([*contents, *files])
    return ExitCode.INCOMPLETE if result.verdict.doubts else ExitCode.WITHIN_LIMITS


def _plot_files(requests: Sequence[str]) -> list[PlotFile]:
    """Return the pictures that are asked for; without any, nothing of them is imported."""
    if not requests:
        return []
    from lrac_audit.report.pictures.plot_files import PlotFile

    return [PlotFile.of(request) for request in requests]


def _grouping(by: str | None) -> Grouping | None:
    if by is None:
        return None
    from lrac_audit.report.cost_groups import GROUPINGS

    for grouping in GROUPINGS:
        if by == grouping:
            return grouping
    raise InputError("options", [Problem("--by", shown(by), one_of(GROUPINGS, by))])
