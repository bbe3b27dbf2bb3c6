"""The report on the limit sets that come with the package."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.console.layout import Column, Table
from lrac_audit.limits.limit_set import BOUNDS, LIMIT_SETS, LimitSet, load_limits
from lrac_audit.report.blocks import Bullets, ScreenSection
from lrac_audit.report.content import ScreenContent
from lrac_audit.report.numerals import number

TITLES = {
    "sample_rate_hz": "sample rate, Hz",
    "sample_rates_hz": "one of the sample rates, Hz",
    "bitrates_kbps": "a mode of at most, kbps",
    "overall_mflops": "overall, MFLOPS",
    "receive_mflops": "receive side, MFLOPS",
    "total_latency_ms": "total latency, ms",
    "overall_mmacs_per_s": "overall, MMAC/s",
    "parameters_millions": "parameters, millions",
    "stored_bytes": "stored, bytes",
    "transmit_stored_bytes": "stored by the transmit side, bytes",
    "receive_stored_bytes": "stored by the receive side, bytes",
    "state_bytes": "state, bytes",
    "transmit_state_bytes": "state of the transmit side, bytes",
    "receive_state_bytes": "state of the receive side, bytes",
    "scratch_bytes": "scratch, bytes",
    "transmit_scratch_bytes": "scratch of the transmit side, bytes",
    "receive_scratch_bytes": "scratch of the receive side, bytes",
    "frame_multiple_ms": "frame, a multiple of, ms",
}
"""Bound to the title of its row."""


class LimitSetsReport(ScreenContent):
    """The limit sets side by side."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the table of the limit sets, and where each comes from."""
        sets = [load_limits(name) for name in LIMIT_SETS]
        in_force = [found for found in sets if not found.proposed]
        proposals = [found for found in sets if found.proposed]
        sources = [f"{found.title}: {found.source}" for found in sets]
        return [
            [_table("At most", in_force)],
            [_table("Proposed, not agreed", proposals)],
            [Bullets(sources)],
        ]


def _table(title: str, sets: Sequence[LimitSet]) -> Table:
    """Return a table of the bounds that any of ``sets`` has."""
    columns = [Column(title), *(Column(found.name, right=True) for found in sets)]
    bounds = [name for name in BOUNDS if any(getattr(found, name) for found in sets)]
    rows = [["convention", *(found.convention for found in sets)]]
    rows += [[TITLES[name], *(_cell(found, name) for found in sets)] for name in bounds]
    return Table(columns, rows)


def _cell(limits: LimitSet, bound: str) -> str:
    value = getattr(limits, bound)
    return " / ".join(map(number, value)) if isinstance(value, tuple) else number(value)
