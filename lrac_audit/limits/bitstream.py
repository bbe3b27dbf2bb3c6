"""The check of the bitstream: whole numbers, within the declared bitrate, and nothing else.

It needs no limit set: its limit is the bitrate that the codec itself declares.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status

TOLERANCE = 0.005
"""Share by which a bitrate may be exceeded, since declarations are rounded, as 0.98 for 0.984."""


def exceeds(found: Bitstream) -> bool:
    """Return whether the observed codes need more than the declared bitrate."""
    value = found.observed_kbps
    return value is not None and value > found.declared_kbps * (1 + TOLERANCE)


def _check(evidence: Evidence, found: Bitstream) -> Check:
    value, limit = found.observed_kbps, found.declared_kbps
    margin = None if value is None else limit - value
    status: Status = "incomplete" if found.unchecked or value is None else "pass"
    if found.broken or exceeds(found):
        status = "fail"
    return Check(BITSTREAM.id, limit, value, margin, status, "kbps")


def _shortfall(check: Check, evidence: Evidence) -> Iterator[str]:
    """Yield what would mend each broken promise."""
    found = evidence.ledger.bitstream
    if found is None:
        return
    if exceeds(found):
        yield f"declare {found.observed_kbps:.4g} kbps, or send fewer or smaller codes"
    if found.broken:
        yield "hand over whole numbers of an integer type, and everything that the receiver needs"


BITSTREAM = LimitKind("bitstream", _check, _shortfall, is_budget=False)
