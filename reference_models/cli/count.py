"""``lrac-codec count``: count the operations of a codec in C while it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.exit_codes import ExitCode
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from reference_models.cli import names, options
from reference_models.cli.count_report import CountReport

FORMATS = format_names(CountReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec count track1
  lrac-codec count my_codec.yaml --bitrate 1
  lrac-codec count track2 --format csv=operations.csv --format table

Exit codes: 0 counted, 2 bad usage or file, or no C compiler, 3 the counts are not the audit's.""",
)
def count(
    design: Annotated[
        str,
        typer.Argument(
            metavar="DESIGN",
            help="The codec: track1, track2, a design in YAML, or a recipe's train.yaml.",
            autocompletion=complete_from(names.presets),
        ),
    ],
    bitrate: options.Bitrate = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> int:
    """Compile DESIGN in C with counters, run it, and set its operations beside the audit's.

    The code is that of `export --to c`, with -DLRAC_COUNT. For each side: the multiply-accumulates,
    which have to be those of the audit, row by row; and the weighted basic operations (WMOPS), of
    which `lrac-audit audit --convention wmops-estimate` gives an estimate. No weights are needed,
    since the counts do not depend on them. CSV and JSON have the counts of every row, for a frame.
    """
    from lrac_audit.design.formats import load_design

    wanted = outputs(requested_formats, output, FORMATS)
    codec_design = load_design(design).design
    from lrac_audit.auditing.audit import active_layers
    from reference_models.audit.counted_code import counted_code

    code = counted_code(codec_design, active_layers(codec_design, bitrate))
    deliver(rendered(CountReport(code), wanted))
    return ExitCode.INCOMPLETE if code.doubts else ExitCode.WITHIN_LIMITS
