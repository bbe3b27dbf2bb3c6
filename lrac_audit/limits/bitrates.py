"""The limit on bitrates: for each of them, a mode of at most so many kbps must be served."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrac_audit.ledger.row import Ledger
from lrac_audit.limits.check import Check, Evidence, LimitKind, Status


def _check(evidence: Evidence, limits_kbps: tuple[float, ...]) -> Check:
    rates = evidence.ledger.bitrates_kbps
    if not rates:
        return Check(BITRATES.id, limits_kbps, None, None, "incomplete", "kbps")
    values = tuple(
        max((rate for rate in rates if rate <= limit), default=None) for limit in limits_kbps
    )
    margins = tuple(
        None if value is None else limit - value
        for limit, value in zip(limits_kbps, values, strict=True)
    )
    status: Status = "fail" if None in values else "pass"
    return Check(BITRATES.id, limits_kbps, values, margins, status, "kbps")


def _remedies(check: Check, evidence: Evidence, _: Ledger | None) -> Iterator[str]:
    """Yield the missing mode, or the reduction of the bitrate that would provide it."""
    assert isinstance(check.limit, tuple) and isinstance(check.value, tuple)
    mode = evidence.ledger.mode
    if mode.bitrate_kbps is None or not mode.active_layers:
        return
    per_layer = mode.bitrate_kbps / mode.active_layers
    for limit, value in zip(check.limit, check.value, strict=True):
        if value is None:
            layers = math.floor(limit / per_layer)
            if layers:
                word = "layer" if layers == 1 else "layers"
                yield f"add a mode of {layers} {word}: {layers * per_layer:g} kbps"
            else:
                yield f"use a smaller codebook or a longer hop; one layer takes {per_layer:g} kbps"


BITRATES = LimitKind("bitrates_kbps", _check, _remedies)
