"""The field of a design that takes most of what a limit is about, for whoever looks for the cause.

Where one choice alone decides, such as the sample rate, it is the field of that choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lrac_audit.design.steps import field_of
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.scratch import scratch
from lrac_audit.limits.check import Evidence, amounts
from lrac_audit.limits.registry import CHECK_KINDS
from lrac_audit.limits.total_latency import TOTAL_LATENCY

HOP = "encoder"
"""The part whose strides make the hop."""
CHOSEN: Mapping[str, str] = MappingProxyType(
    {
        "sample_rate_hz": "sample_rate_hz",
        "sample_rates_hz": "sample_rate_hz",
        "bitrates_kbps": "quantizer",
        "bitstream": "quantizer",
        "frame_multiple_ms": HOP,
    }
)
"""Fields that alone decide on a check, by its id."""
PEAK = "scratch_bytes"
"""How the ids of the checks end whose value is that of one operation."""

_UNKNOWN = [
    name
    for name, kind in CHECK_KINDS.items()
    if kind.amount is None and name not in CHOSEN and not name.endswith(PEAK)
]
if _UNKNOWN:
    raise TypeError(f"checks of which no field is known that takes most: {_UNKNOWN}")


def costliest_field(check_id: str, evidence: Evidence) -> str:
    """Return the field that takes most of what the check is about; empty where none does.

    One whose amount has no bound comes before all others.
    """
    kind, ledger = CHECK_KINDS[check_id], evidence.ledger
    if check_id in CHOSEN:
        return CHOSEN[check_id]
    if kind.amount is None:
        return _peak(ledger, check_id.removesuffix(PEAK).rstrip("_"))
    unbounded = [row.name for row in ledger.rows if kind.amount(row, evidence) is None]
    names = unbounded or [part.row.name for part in amounts(kind, evidence)]
    if not names:
        return HOP if kind is TOTAL_LATENCY else ""
    return _field(ledger, names[0])


def _field(ledger: Ledger, name: str) -> str:
    """Return the field of the row called ``name``; a measured codec has modules, not fields."""
    return name if ledger.measured else field_of(name)


def _peak(ledger: Ledger, side: str) -> str:
    """Return the field at which most values live at once on ``side``, or on both if it is empty."""
    found = [peak for of, peak in scratch(ledger).items() if side in ("", of)]
    largest = max(found, key=lambda peak: peak.peak_values, default=None)
    return "" if largest is None else _field(ledger, largest.peak_at)
