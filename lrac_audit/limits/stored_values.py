"""The limits on what a device stores that both transmits and receives: values, and bytes."""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.ledger.memory import BYTES_PER_VALUE, device_values
from lrac_audit.ledger.row import Ledger
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status

DTYPE = "float32"
"""The type in which bytes are counted."""
VALUES_PER_MILLION = 1_000_000


def _check_values(evidence: Evidence, limit: float) -> Check:
    value = device_values(evidence.ledger) / VALUES_PER_MILLION
    return Check(PARAMETERS.id, limit, value, limit - value, _status(value, limit), "M")


def _check_bytes(evidence: Evidence, limit: float) -> Check:
    value = device_values(evidence.ledger) * BYTES_PER_VALUE[DTYPE]
    return Check(STORED_BYTES.id, limit, value, limit - value, _status(value, limit), "bytes")


def _status(value: float, limit: float) -> Status:
    return "pass" if value <= limit else "fail"


def _remedies(check: Check, evidence: Evidence, _: Ledger | None) -> Iterator[str]:
    """Yield the row that stores most, and how much would have to go."""
    assert isinstance(check.limit, int | float) and isinstance(check.value, int | float)
    largest = max(evidence.ledger.rows, key=lambda row: row.stored_values)
    excess = 1 - check.limit / check.value
    yield (
        f"store {100 * excess:.1f} % less; {largest.name} alone stores "
        f"{largest.stored_values:,} values"
    )


PARAMETERS = LimitKind("parameters_millions", _check_values, _remedies)
STORED_BYTES = LimitKind("stored_bytes", _check_bytes, _remedies)
