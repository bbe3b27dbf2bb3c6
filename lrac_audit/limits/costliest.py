"""The field of a design that takes most of what a limit is about, for whoever looks for the cause.

Where one choice alone decides, such as the sample rate, it is the field of that choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from lrac_audit.design.steps import field_of
from lrac_audit.ledger.conventions import CONVENTIONS, Convention
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.ledger.scratch import scratch
from lrac_audit.limits.memory_bytes import SIDES
from lrac_audit.limits.registry import CHECK_KINDS

Amount = Callable[[Row], int | None]
Costliest = Callable[[Ledger, Convention], str]
"""Returns the field that costs most under a convention; empty where there is none."""
HOP = "encoder"
"""The part whose strides make the hop."""


def costliest_field(check_id: str, ledger: Ledger, convention: Convention) -> str:
    """Return the field that takes most of what the check is about; empty where none does."""
    return COSTLIEST[check_id](ledger, convention)


def _largest(ledger: Ledger, side: str | None, amount: Amount) -> str:
    """Return the layer of ``side``, by default of both, with the largest amount over 0.

    One whose amount has no bound comes before all others.
    """
    rows = [row for row in ledger.rows if side in (None, row.side)]
    unbounded = [row.name for row in rows if amount(row) is None]
    if unbounded:
        return _field(ledger, unbounded[0])
    largest = max(rows, key=lambda row: amount(row) or 0, default=None)
    return "" if largest is None or not amount(largest) else _field(ledger, largest.name)


def _field(ledger: Ledger, name: str) -> str:
    """Return the field of the row called ``name``; a measured codec has modules, not fields."""
    return name if ledger.measured else field_of(name)


def _price(ledger: Ledger, convention: Convention, side: str | None = None) -> str:
    return _largest(ledger, side, lambda row: convention.price(row.work))


def _macs(ledger: Ledger, _: Convention) -> str:
    return _price(ledger, CONVENTIONS["macs"])


def _latency(ledger: Ledger, _: Convention) -> str:
    return _largest(ledger, None, lambda row: row.delay_samples) or HOP


def _stored(ledger: Ledger, _: Convention, side: str | None = None) -> str:
    return _largest(ledger, side, lambda row: row.stored_values)


def _state(ledger: Ledger, _: Convention, side: str | None) -> str:
    return _largest(ledger, side, _kept)


def _kept(row: Row) -> int | None:
    if row.state_values is None or row.held_values is None:
        return None
    return row.state_values + row.held_values


def _scratch(ledger: Ledger, _: Convention, side: str | None) -> str:
    found = {of: peak for of, peak in scratch(ledger).items() if side in (None, of)}
    largest = max(found.values(), key=lambda peak: peak.peak_values, default=None)
    return "" if largest is None else _field(ledger, largest.peak_at)


def _chosen(field: str) -> Costliest:
    return lambda ledger, convention: field


def _of_sides(name: str, find: Callable[..., str]) -> dict[str, Costliest]:
    return {f"{side}_{name}" if side else name: partial(find, side=side) for side in SIDES}


COSTLIEST: Mapping[str, Costliest] = MappingProxyType(
    {
        "overall_mflops": _price,
        "receive_mflops": partial(_price, side="receive"),
        "overall_mmacs_per_s": _macs,
        "total_latency_ms": _latency,
        "sample_rate_hz": _chosen("sample_rate_hz"),
        "sample_rates_hz": _chosen("sample_rate_hz"),
        "bitrates_kbps": _chosen("quantizer"),
        "bitstream": _chosen("quantizer"),
        "frame_multiple_ms": _chosen(HOP),
        "parameters_millions": _stored,
        **_of_sides("stored_bytes", _stored),
        **_of_sides("state_bytes", _state),
        **_of_sides("scratch_bytes", _scratch),
    }
)
"""By the id of the check."""

if COSTLIEST.keys() != CHECK_KINDS.keys():
    raise TypeError(f"checks {sorted(CHECK_KINDS)} and costliest fields {sorted(COSTLIEST)} differ")
