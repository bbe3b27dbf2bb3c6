"""``lrac-audit compare``: codecs beside the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import options
from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.console import options as shared
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.report.comparison_report import ComparisonReport
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs

if TYPE_CHECKING:
    from lrac_audit.auditing.comparison.figures import Figures

FORMATS = format_names(ComparisonReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit compare track1 my_codec.yaml
  lrac-audit compare before.json design.xlsx --format markdown
  lrac-audit compare track1 track2 encodec-24khz --convention macs
  lrac-audit compare track1 python:my_package.models:make_codec""",
)
def compare(
    targets: options.ComparedTargets,
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    arguments: options.Arguments = None,
    sample_rate: options.SampleRate = None,
    hop: options.Hop = None,
    debug: options.Debug = False,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> int:
    """Set codecs beside the first of them: totals, then the layers that differ.

    A target may also be the JSON document of an earlier audit, whose figures are taken as they are.
    Layers are aligned by their kind and order, so that other names make no difference. Exits 0
    whatever the differences are.
    """
    from lrac_audit.auditing.comparison.compare import compare as compared
    from lrac_audit.auditing.comparison.earlier import is_document, read_document
    from lrac_audit.auditing.comparison.figures import figures_of

    wanted = outputs(requested_formats, output, FORMATS)
    request = AuditRequest(
        targets=targets,
        limits=limits,
        rvq=rvq,
        bitrate_kbps=bitrate,
        convention=convention,
        arguments=arguments or (),
        sample_rate_hz=sample_rate,
        hop_samples=hop,
        debug=debug,
    )

    def figures(target: str) -> Figures:
        found = read_document(target) if is_document(target) else request.audit(target).document()
        return figures_of(found, target)

    found = [figures(target) for target in targets]
    deliver(rendered(ComparisonReport(compared(found)), wanted))
    return ExitCode.WITHIN_LIMITS
