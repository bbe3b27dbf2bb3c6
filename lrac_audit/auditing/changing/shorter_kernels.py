"""Proposals for a cost or a memory over its limit: the absorbed form, and shorter kernels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from lrac_audit.auditing.changing.proposals import Proposal
from lrac_audit.auditing.changing.rows import fields_of_rows
from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.design.addresses import Address, address_text
from lrac_audit.limits.check import amounts, excess
from lrac_audit.limits.registry import LIMIT_KINDS

MAX_KERNELS = 6
"""How many kernels are proposed."""
ROUNDING = 1e-9


def absorbed_form(trial: Trial) -> Iterator[Proposal]:
    """Yield the absorbed form of a quantizer that runs as it was trained."""
    if trial.terms.form == "projected" and trial.design.has_absorbed_form:
        yield Proposal("absorb the output projections", {}, "absorbed")


class _Shortening(NamedTuple):
    """Taps less in one kernel."""

    share: float
    """The part of the kernel that goes."""
    address: Address
    taps: int


def shorter_kernels(trial: Trial) -> Iterator[Proposal]:
    """Yield the kernels of which the least part must go to cover the excess."""
    fields = trial.fields
    for _, address, taps in sorted(_shortenings(trial))[:MAX_KERNELS]:
        kernel, where = fields.values[address], address_text(address[:-1])
        words = f"kernel {kernel} to {kernel - taps} in {where}"
        yield Proposal(words, {address: kernel - taps})


def _shortenings(trial: Trial) -> Iterator[_Shortening]:
    over, fields = [], trial.fields
    for check in trial.broken:
        if not isinstance(check.value, int | float):
            return
        parts = amounts(LIMIT_KINDS[check.id], trial.evidence)
        over.append((excess(check), {part.row[:2]: part.amount for part in parts}))
    for row in trial.counted.ledger.rows:
        kernel = row.geometry.kernel
        for address in fields_of_rows(fields, row.name, ("kernel",)):
            if kernel > 1 and fields.values[address] == kernel:
                shares = [_share(needed, parts.get(row[:2])) for needed, parts in over]
                taps = _taps(max(shares), kernel)
                if taps < kernel:
                    yield _Shortening(taps / kernel, address, taps)


def _taps(share: float, kernel: int) -> int:
    """Return how many of the taps are ``share`` of them; all of them where that is more."""
    return max(math.ceil(min(share, 1) * kernel - ROUNDING), 1)


def _share(needed: float, part: float | None) -> float:
    """Return the share of a row's ``part`` that covers an excess; infinite where there is none."""
    return needed / part if part else math.inf
