"""The limit on the number of values that a device stores that both transmits and receives."""

from __future__ import annotations

from lrac_audit.ledger.memory import device_values
from lrac_audit.ledger.row import Row
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status
from lrac_audit.limits.memory_bytes import store_less

VALUES_PER_MILLION = 1_000_000


def _check(evidence: Evidence, limit: float) -> Check:
    value = device_values(evidence.ledger) / VALUES_PER_MILLION
    status: Status = "pass" if value <= limit else "fail"
    return Check(PARAMETERS.id, limit, value, limit - value, status, "M")


def _millions(row: Row, evidence: Evidence) -> float:
    return (row.stored_values - row.shared_values) / VALUES_PER_MILLION


PARAMETERS = LimitKind("parameters_millions", _check, store_less, _millions)
