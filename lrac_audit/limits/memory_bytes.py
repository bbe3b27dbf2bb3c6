"""The limits on memory in bytes: what a side stores, its state in a stream, and its scratch.

A device with both sides stores shared values once and keeps the state of both. Its sides take
turns, so that the scratch memory of the larger one is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from lrac_audit.ledger.latency import first_of
from lrac_audit.ledger.memory import BYTES_PER_VALUE, device_values, memory
from lrac_audit.ledger.row import Ledger, Row, Side
from lrac_audit.ledger.scratch import scratch
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status
from lrac_audit.limits.limit_set import LimitSet

UNIT = "bytes"
SIDES: tuple[Side | None, ...] = (None, "transmit", "receive")
"""The sides that a limit may be about; None is a device with both."""


class _Quantity(NamedTuple):
    """One of the kinds of memory."""

    name: str
    dtype: Callable[[LimitSet], str]
    values: Callable[[Ledger, Side | None], int | None]
    """Returns the values of a side or a device, None where they are not known."""
    shortfall: Callable[[Check, Evidence, Sequence[Row]], Iterator[str]]
    of_row: Callable[[Row], int | None] | None
    """Returns the values of a row, None where no number bounds them. None where the values are no
    sum over rows."""


def _check(evidence: Evidence, limit: float, *, quantity: _Quantity, side: Side | None) -> Check:
    check_id, ledger = _id(quantity, side), evidence.ledger
    is_known = side is None or ledger.is_divided
    values = quantity.values(ledger, side) if is_known else None
    status: Status
    if values is None:
        status = "incomplete" if ledger.measured else "fail"
        return Check(check_id, limit, None, None, status, UNIT)
    value = values * BYTES_PER_VALUE[quantity.dtype(evidence.limits)]
    status = "pass" if value <= limit else "fail"
    return Check(check_id, limit, value, limit - value, status, UNIT)


def _shortfall(
    check: Check, evidence: Evidence, *, quantity: _Quantity, side: Side | None
) -> Iterator[str]:
    rows = [row for row in evidence.ledger.rows if side in (None, row.side)]
    yield from quantity.shortfall(check, evidence, rows)


def _amount(
    row: Row, evidence: Evidence, *, quantity: _Quantity, side: Side | None
) -> float | None:
    assert quantity.of_row is not None
    if side not in (None, row.side):
        return 0
    values = quantity.of_row(row)
    if values is None:
        return None
    shared = row.shared_values if side is None and quantity.name == "stored" else 0
    return (values - shared) * BYTES_PER_VALUE[quantity.dtype(evidence.limits)]


def _id(quantity: _Quantity, side: Side | None) -> str:
    return f"{quantity.name}_bytes" if side is None else f"{side}_{quantity.name}_bytes"


def store_less(check: Check, evidence: Evidence) -> Iterator[str]:
    """Yield how much would have to go of what a device stores, and the row that stores most."""
    yield from _store_less(check, evidence, evidence.ledger.rows)


def _store_less(check: Check, evidence: Evidence, rows: Sequence[Row]) -> Iterator[str]:
    largest = max(rows, key=lambda row: row.stored_values)
    yield (
        f"store {_excess_percent(check):.1f} % less; {largest.name} alone stores "
        f"{largest.stored_values:,} values"
    )


def _keep_less(check: Check, evidence: Evidence, rows: Sequence[Row]) -> Iterator[str]:
    """Yield how much of the state would have to go, and the row that keeps most."""
    unbounded = [row.name for row in rows if _kept(row) is None]
    if unbounded:
        yield f"take out what keeps all of the clip: {first_of(unbounded)}"
        return
    largest = max(rows, key=lambda row: _kept(row) or 0)
    yield (
        f"keep {_excess_percent(check):.1f} % less; {largest.name} alone keeps "
        f"{_kept(largest):,} values"
    )


def _need_less(check: Check, evidence: Evidence, rows: Sequence[Row]) -> Iterator[str]:
    """Yield how many values fit, and on each side the operation at which more of them live."""
    assert isinstance(check.limit, int | float)
    fit = check.limit // BYTES_PER_VALUE[evidence.limits.signal_dtype]
    sides = {row.side for row in rows}
    peaks = [
        f"{working.peak_values:,} at {working.peak_at}"
        for side, working in scratch(evidence.ledger).items()
        if side in sides and working.peak_values > fit
    ]
    yield f"make the signals smaller: {fit:,.0f} values fit, {' and '.join(peaks)} live at once"


def _excess_percent(check: Check) -> float:
    assert isinstance(check.limit, int | float) and isinstance(check.value, int | float)
    return 100 * (1 - check.limit / check.value)


def _kept(row: Row) -> int | None:
    if row.state_values is None or row.held_values is None:
        return None
    return row.state_values + row.held_values


def _stored(row: Row) -> int:
    return row.stored_values


def _stored_values(ledger: Ledger, side: Side | None) -> int:
    return device_values(ledger) if side is None else memory(ledger, side).total_stored_values


def _state_values(ledger: Ledger, side: Side | None) -> int | None:
    each = [_kept(row) for row in ledger.rows if side in (None, row.side)]
    known = [values for values in each if values is not None]
    return sum(known) if len(known) == len(each) else None


def _scratch_values(ledger: Ledger, side: Side | None) -> int | None:
    peaks = {of: working.peak_values for of, working in scratch(ledger).items()}
    return peaks.get(side) if side else max(peaks.values(), default=None)


_QUANTITIES = (
    _Quantity("stored", lambda limits: limits.stored_dtype, _stored_values, _store_less, _stored),
    _Quantity("state", lambda limits: limits.signal_dtype, _state_values, _keep_less, _kept),
    _Quantity("scratch", lambda limits: limits.signal_dtype, _scratch_values, _need_less, None),
)
MEMORY = tuple(
    LimitKind(
        _id(quantity, side),
        partial(_check, quantity=quantity, side=side),
        partial(_shortfall, quantity=quantity, side=side),
        partial(_amount, quantity=quantity, side=side) if quantity.of_row else None,
    )
    for quantity in _QUANTITIES
    for side in SIDES
)
"""The kinds of limits on memory in bytes."""
