"""The limit on bitrates: for each of them, a mode of at most so many kbps must be served."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

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


def _shortfall(check: Check, evidence: Evidence) -> Iterator[str]:
    """Yield the missing mode, or the reduction of the bitrate that would provide it."""
    assert isinstance(check.limit, tuple) and isinstance(check.value, tuple)
    mode = evidence.ledger.mode
    if mode.bitrate_kbps is None or not mode.active_layers:
        return
    each = _layers_kbps(evidence.ledger, mode.bitrate_kbps / mode.active_layers, check.limit)
    for limit, value in zip(check.limit, check.value, strict=True):
        if value is None:
            layers = sum(kbps <= limit for kbps in each)
            if layers:
                word = "layer" if layers == 1 else "layers"
                yield f"add a mode of {layers} {word}: {each[layers - 1]:g} kbps"
            else:
                yield f"use a smaller codebook or a longer hop; one layer takes {each[0]:g} kbps"


def _layers_kbps(
    ledger: Ledger, per_layer_kbps: float, limits_kbps: tuple[float, ...]
) -> Sequence[float]:
    """Return the bitrate of the first 1, 2 and so on layers; equal layers where none are known."""
    if ledger.layers_kbps:
        return ledger.layers_kbps
    most = math.floor(max(limits_kbps) / per_layer_kbps)
    return [layers * per_layer_kbps for layers in range(1, most + 2)]


BITRATES = LimitKind("bitrates_kbps", _check, _shortfall, is_budget=False)
