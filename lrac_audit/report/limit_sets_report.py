"""The report on the limit sets that come with the package."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.console.layout import Column, Table
from lrac_audit.limits.limit_set import LIMIT_SETS, load_limits
from lrac_audit.report.blocks import Bullets, ScreenSection
from lrac_audit.report.content import ScreenContent
from lrac_audit.report.numerals import number


class LimitSetsReport(ScreenContent):
    """The limit sets side by side."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the table of the limit sets, and where each comes from."""
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
        table = Table(columns, [[title, *cells] for title, cells in rows])
        return [[table], [Bullets([f"{s.name}: {s.source}" for s in sets])]]
