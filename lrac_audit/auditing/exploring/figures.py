"""Figures that are sums over the rows of a ledger, which a search can bound part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from lrac_audit.ledger.conventions import CONVENTIONS, Convention
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.memory import BYTES_PER_VALUE, STATE_DTYPE
from lrac_audit.ledger.row import Ledger, Row, Side
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.limits.stored_values import VALUES_PER_MILLION

RowCount = Callable[[Row, Convention], int | None]
"""Returns what a row adds to a figure; None where no number bounds it."""
Unit = Callable[[Ledger, float], float]
"""Returns a total in the unit of the figure."""


class RowSum(NamedTuple):
    """A figure that is a constant of the ledger's rates plus a sum over its rows."""

    of_row: RowCount
    unit: Unit
    constant: Callable[[Ledger], int] = lambda ledger: 0


def _millions(ledger: Ledger, total: float) -> float:
    return ledger.millions_per_second(total)  # type: ignore[arg-type]  # infinity where unbounded


def _milliseconds(ledger: Ledger, total: float) -> float:
    return ledger.milliseconds(total)  # type: ignore[arg-type]  # the same


def _itself(ledger: Ledger, total: float) -> float:
    return total


def _bytes(dtype: str) -> Unit:
    size = BYTES_PER_VALUE[dtype]
    return lambda ledger, total: total * size


def _buffering(ledger: Ledger) -> int:
    return latency(ledger).buffering_samples


def _on(side: Side | None, count: RowCount) -> RowCount:
    """Return ``count`` of the rows of one side, or of all where ``side`` is None."""
    if side is None:
        return count
    return lambda row, convention: count(row, convention) if row.side == side else 0


def _price(row: Row, convention: Convention) -> int:
    return convention.price(row.work)


def _delay(row: Row, _: Convention) -> int | None:
    return row.delay_samples


def _context(row: Row, _: Convention) -> int | None:
    if row.past_samples is None or row.delay_samples is None:
        return None
    return row.past_samples + row.delay_samples


def _stored(row: Row, _: Convention) -> int:
    return row.stored_values


def _stored_once(row: Row, _: Convention) -> int:
    return row.stored_values - row.shared_values


def _state(row: Row, _: Convention) -> int | None:
    return row.state_values


def _kept(row: Row, _: Convention) -> int | None:
    if row.state_values is None or row.held_values is None:
        return None
    return row.state_values + row.held_values


def _cost(side: Side | None) -> RowSum:
    return RowSum(_on(side, _price), _millions)


LATENCY = RowSum(_delay, _milliseconds, _buffering)


def _of_side(side: Side) -> dict[str, RowSum]:
    return {
        f"{side}_mflops": _cost(side),
        f"{side}_stored_bytes": RowSum(_on(side, _stored), _bytes(STATE_DTYPE)),
        f"{side}_state_bytes": RowSum(_on(side, _state), _bytes(STATE_DTYPE)),
    }


OBJECTIVE_SUMS: Mapping[str, RowSum] = MappingProxyType(
    {
        "overall_mflops": _cost(None),
        "total_latency_ms": LATENCY,
        "receptive_field": RowSum(_on("transmit", _context), _itself, _buffering),
        "parameters": RowSum(_stored_once, _itself),
        **_of_side("transmit"),
        **_of_side("receive"),
    }
)
"""By the name of an objective, as an audit document gives the figures."""


def limit_sums(limits: LimitSet) -> Mapping[str, RowSum]:
    """Return the sums that the limits of ``limits`` are on, by the id of their check.

    What a limit counts as state includes what skip paths hold back.
    """
    stored, kept = _bytes(limits.stored_dtype), _bytes(limits.signal_dtype)
    macs = CONVENTIONS["macs"]
    sums = {
        "overall_mflops": _cost(None),
        "receive_mflops": _cost("receive"),
        "overall_mmacs_per_s": RowSum(lambda row, _: macs.price(row.work), _millions),
        "total_latency_ms": LATENCY,
        "parameters_millions": RowSum(
            _stored_once, lambda ledger, total: total / VALUES_PER_MILLION
        ),
        "stored_bytes": RowSum(_stored_once, stored),
        "transmit_stored_bytes": RowSum(_on("transmit", _stored), stored),
        "receive_stored_bytes": RowSum(_on("receive", _stored), stored),
        "state_bytes": RowSum(_kept, kept),
        "transmit_state_bytes": RowSum(_on("transmit", _kept), kept),
        "receive_state_bytes": RowSum(_on("receive", _kept), kept),
    }
    return {name: each for name, each in sums.items() if getattr(limits, name) is not None}
