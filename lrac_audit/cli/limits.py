"""``lrac-audit limits``: the limit sets that come with the package."""

from __future__ import annotations

import click

from lrac_audit.cli.common import say


@click.command(
    short_help="List the limit sets.",
    epilog="""\b
A limit set of your own is a YAML file of the same fields, for --limits:
  name: our-product
  convention: lrac-2025
  sample_rate_hz: 24000
  bitrates_kbps: [1, 6]
  overall_mflops: 500
  receive_mflops: 200
  total_latency_ms: 20
A limit that is left out is not checked.""",
)
def limits() -> None:
    """List the limit sets that --limits knows by name."""
    from lrac_audit.limits.limit_set import LIMIT_SETS, load_limits
    from lrac_audit.report.terminal import bullets
    from lrac_audit.report.text import Column, number, table

    sets = [load_limits(name) for name in LIMIT_SETS]
    rows = [
        ("convention", [s.convention for s in sets]),
        ("sample rate, Hz", [number(s.sample_rate_hz) for s in sets]),
        ("a mode of at most, kbps", [" / ".join(map(number, s.bitrates_kbps)) for s in sets]),
        ("overall, MFLOPS", [number(s.overall_mflops) for s in sets]),
        ("receive side, MFLOPS", [number(s.receive_mflops) for s in sets]),
        ("total latency, ms", [number(s.total_latency_ms) for s in sets]),
    ]
    columns = [Column("At most"), *(Column(s.name, right=True) for s in sets)]
    say(table(columns, [[title, *cells] for title, cells in rows]))
    say("\n" + bullets([f"{s.name}: {s.source}" for s in sets]))
