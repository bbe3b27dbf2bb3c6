"""``lrac-audit sheet``: a workbook that calculates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import names, options
from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import Output, debugging, deliver, say, warn
from lrac_audit.console.progress import progress_steps
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import is_special
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from lrac_audit.report.formats.xlsx_format import XlsxFormat
from lrac_audit.report.sheet_report import SheetReport

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit

FORMATS = format_names(SheetReport, default=XlsxFormat.name)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit sheet track1 -o design.xlsx
  lrac-audit sheet track1 my_codec.yaml -o compare.xlsx
  lrac-audit sheet my_codec.yaml --format markdown
  lrac-audit sheet python:my_package.models:make_codec --arg channels=32 -o measured.xlsx
  lrac-audit sheet --check sheets/""",
)
def sheet(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help=options.TARGET_HELP,
            autocompletion=complete_from(names.presets),
        ),
    ] = None,
    limits: options.Limits = None,
    rvq: options.Rvq = "absorbed",
    bitrate: options.Bitrate = None,
    convention: options.Convention = None,
    arguments: options.Arguments = None,
    debug: options.Debug = False,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
    checked: Annotated[
        Path | None,
        typer.Option(
            "--check",
            metavar="FILE|FOLDER",
            help="Write nothing; say which sheets differ from what would be written now. "
            "NAME.xlsx is a sheet of the preset NAME, or of NAME.yaml beside it.",
        ),
    ] = None,
) -> int:
    """Write TARGET as a spreadsheet: edit a kernel in it, and costs, delays and verdict follow.

    The sheet is a design, too: audit, check and convert read it back. (That of a codec that was
    measured, python:package.module:factory, or that has lists of layers, holds values and is
    none.) Further targets are compared with the first on a page of their own. --check exits 0 when
    every sheet is fresh, 1 when one is stale, 2 on bad input.
    """
    if checked is not None:
        _refuse_beside_check(context)
        return _check(checked)
    if not targets:
        raise InputError("options", [Problem("TARGET", "none", "a design, or --check FOLDER")])
    wanted = outputs(requested_formats, output, FORMATS)
    _refuse_names(wanted)
    with debugging(debug):
        audits = _audits(targets, arguments or (), limits, rvq, bitrate, convention)
    deliver(rendered(SheetReport(audits), wanted))
    return ExitCode.WITHIN_LIMITS


def _audits(
    targets: Sequence[str],
    arguments: Sequence[str],
    limits: str | None,
    rvq: str,
    bitrate: float | None,
    convention: str | None,
) -> list[Audit]:
    from lrac_audit.auditing.audit import audit
    from lrac_audit.auditing.targets import arguments_for
    from lrac_audit.witness.factory_arguments import parse_arguments

    keywords = parse_arguments(arguments)
    with progress_steps() as progress:
        return [
            audit(
                target,
                limits=limits,
                rvq=rvq,
                bitrate_kbps=bitrate,
                convention=convention,
                arguments=arguments_for(target, targets, keywords),
                progress=progress,
            )
            for target in targets
        ]


def _refuse_beside_check(context: typer.Context) -> None:
    """A sheet is checked as it is written by default; nothing else can be asked for."""
    given = [
        parameter
        for parameter in context.command.params
        if parameter.name not in ("checked", "debug") and _is_given(context, parameter.name)
    ]
    if given:
        names = ", ".join("TARGET" if one.name == "targets" else one.opts[0] for one in given)
        raise InputError("options", [Problem(names, "beside --check", "--check alone")])


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _refuse_names(wanted: Sequence[Output]) -> None:
    """A sheet under another name is read by no program."""
    from lrac_audit.design.formats import SHEET_SUFFIX

    for one in wanted:
        if one.path is None or one.format != XlsxFormat.name or is_special(one.path):
            continue
        if one.path.suffix.lower() != SHEET_SUFFIX:
            given = f"{shown(str(one.path))} for xlsx"
            allowed = f"a name that ends in {SHEET_SUFFIX}, or another --format"
            raise InputError("options", [Problem("--output", given, allowed)])


def _check(path: Path) -> int:
    from lrac_audit.report.workbook.freshness import check_sheets

    stale = False
    for found in check_sheets(path):
        if found.differences:
            stale = True
            say(f"{found.path}: stale, {found.source} gives another sheet now\n")
            for line in found.shown():
                say(f"  {line}\n")
        else:
            say(f"{found.path}: fresh\n")
    if stale:
        warn("to mend: lrac-audit sheet TARGET -o FILE")
    return ExitCode.LIMIT_BROKEN if stale else ExitCode.WITHIN_LIMITS
