"""``lrac-audit check``: the gate."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.auditing.entry_order import ordered, parse_order
from lrac_audit.cli import check_options, options
from lrac_audit.cli.audit_request import AuditRequest
from lrac_audit.cli.checked_targets import Gate
from lrac_audit.cli.gate_terms import GateTerms, working_in
from lrac_audit.cli.ratchet import Ratchet
from lrac_audit.console import options as shared
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, warn
from lrac_audit.report.check_report import CheckReport
from lrac_audit.report.content import RefusedTarget
from lrac_audit.report.formats.github_format import step_summary
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

FORMATS = format_names(CheckReport)
STEP_SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit check track1 track2
  lrac-audit check my_codec.yaml --limits lrac-2025-track1 --format junit=audit.xml
  lrac-audit check designs --format table --format github --format sarif=audit.sarif
  lrac-audit check "entries/**/*.yaml" --sort margin --jobs 4
  lrac-audit check entries --summary --format csv=entries.csv --format xlsx=entries.xlsx
  lrac-audit check entries --limits lrac-2025-track1 --limits lrac-2025-track2
  lrac-audit check track1 --verify
  lrac-audit check my_codec.yaml --baseline main --max-increase overall_mflops=1%
  lrac-audit check designs --baseline audited.json --update-baseline
  lrac-audit check --config lrac-audit.yaml
  lrac-audit check python:my_package.models:make_codec
  lrac-audit check python:submission.codec:make --isolated
  lrac-audit check exported_graphs --limits lrac-2025-track1""",
)
def check(
    targets: check_options.Targets = None,
    limits: check_options.Limits = None,
    rvq: check_options.Forms = None,
    bitrate: check_options.Bitrates = None,
    convention: check_options.Conventions = None,
    config: check_options.Config = None,
    arguments: options.Arguments = None,
    sample_rate: options.SampleRate = None,
    hop: options.Hop = None,
    verify: options.Verify = False,
    baseline: options.Baseline = None,
    max_increase: options.MaxIncrease = None,
    update_baseline: options.UpdateBaseline = False,
    isolated: options.Isolated = False,
    time_limit: options.TimeLimit = None,
    memory_limit: options.MemoryLimit = None,
    jobs: check_options.Jobs = 1,
    debug: options.Debug = False,
    by_target: check_options.ByTarget = None,
    sort: check_options.Sort = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> int:
    """Gate codecs on their limits: one line per check and per target, and why.

    Exits 0 when every target is within its limits, 1 when a limit is broken, 2 on bad input, 3
    when the evidence is incomplete, and also when a limit is broken and witnesses disagree. A
    target that cannot be audited is a row with the status error; the others are checked all the
    same. With --baseline, an increase beyond the budgets is a broken limit too. Inside a GitHub
    workflow the verdicts also go to the step summary.

    Without targets, what the project's configuration names is checked: lrac-audit.yaml, or
    [tool.lrac-audit] in pyproject.toml, in this folder or above it. Options override it.
    """
    wanted = outputs(requested_formats, output, FORMATS)
    written = [Path.cwd() / each.path for each in wanted if each.path is not None]
    order = None if sort is None else parse_order(sort)
    terms = GateTerms(
        targets or (), limits or (), convention or (), rvq or (), bitrate or (), baseline
    ).with_project(config)
    with working_in(terms.folder):
        ratchet = Ratchet.of(terms.baseline, max_increase or (), update_baseline, terms.budgets)
        judgements = terms.judgements()
        request = AuditRequest(
            targets=terms.targets,
            limits=judgements[0].limits,
            arguments=arguments or (),
            sample_rate_hz=sample_rate,
            hop_samples=hop,
            verify=verify,
            process_limits=options.process_limits(isolated, time_limit, memory_limit, debug),
            debug=debug,
        )
        gate = Gate(terms.requests(request), judgements, ratchet, written)
        audits, refused = gate.audited(jobs)
    _say_errors(refused)
    if not audits:
        return ExitCode.BAD_INPUT
    code = ExitCode.BAD_INPUT if refused else _exit_code(audits)
    if order is not None:
        audits = ordered(audits, order)
    report = CheckReport(audits, code, refused, by_target)
    deliver(rendered(report, wanted))
    _summarise(report)
    if not refused:
        with working_in(terms.folder):
            ratchet.update(report)
    return code


def _say_errors(refused: Sequence[RefusedTarget]) -> None:
    for line in dict.fromkeys(line for target in refused for line in target.problems):
        warn(f"error: {line}")


def _exit_code(audits: Sequence[Audit]) -> ExitCode:
    found = {audit.verdict.status for audit in audits}
    if any(audit.verdict.doubts for audit in audits):
        return ExitCode.INCOMPLETE
    if "fail" in found:
        return ExitCode.LIMIT_BROKEN
    return ExitCode.INCOMPLETE if "incomplete" in found else ExitCode.WITHIN_LIMITS


def _summarise(report: CheckReport) -> None:
    """Append to the step summary of a GitHub workflow; the gate stands if that fails."""
    path = os.environ.get(STEP_SUMMARY_VARIABLE)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(step_summary(report))
    except OSError as error:
        warn(f"warning: {STEP_SUMMARY_VARIABLE}: {path}: {error.strerror}")
