"""``lrac-audit limits``: the limit sets that come with the package."""

from __future__ import annotations

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say
from lrac_audit.console.terminal import output_screen

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Example:
  lrac-audit limits

A limit set of your own is a YAML file of the same fields, for --limits:
  name: our-product
  convention: lrac-2025
  sample_rate_hz: 24000
  bitrates_kbps: [1, 6]
  overall_mflops: 500
  receive_mflops: 200
  total_latency_ms: 20

Further limits are overall_mmacs_per_s, parameters_millions, sample_rates_hz and frame_multiple_ms;
stored_bytes, state_bytes and scratch_bytes, also with transmit_ or receive_ before them for one
side; stored_dtype and signal_dtype say the type of a value. A limit that is left out is not
checked. max_increase: {overall_mflops: 1%} says how much more than a --baseline may be needed.""",
)
def limits() -> None:
    """List the limit sets that --limits knows by name."""
    from lrac_audit.report.formats.table_format import TableFormat
    from lrac_audit.report.limit_sets_report import LimitSetsReport

    say(TableFormat().render(LimitSetsReport(), output_screen()))
