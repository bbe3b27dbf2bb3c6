"""Proposals for a latency over its limit: less look-ahead, or a shorter hop."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lrac_audit.auditing.changing.proposals import Proposal, shorter_hops
from lrac_audit.auditing.changing.rows import fields_of_rows
from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.design.addresses import Address, address_text
from lrac_audit.limits.check import amounts, excess
from lrac_audit.limits.total_latency import TOTAL_LATENCY

SINGLE = 2
"""How many layers are proposed of which each is enough alone."""
SHOWN = 4
"""How many layers of one proposal are named."""
ROUNDING_MS = 1e-9
FIELDS = ("causal", "trim", "look_ahead")


class _Waiting(NamedTuple):
    """A field that makes outputs wait, and for how long."""

    address: Address
    value: int
    delay_ms: float

    def less(self, needed_ms: float) -> Proposal:
        """Return the proposal that takes away at least ``needed_ms`` of the delay, if it can."""
        where = address_text(self.address[:-1])
        if self.address[-1] == "causal":
            return Proposal(f"make {where} causal", {self.address: True})
        steps = min(math.ceil(needed_ms * self.value / self.delay_ms - ROUNDING_MS), self.value)
        left = self.value - max(steps, 1)
        if self.address[-1] == "trim" and left == 0:
            return Proposal(f"trim {where} on the right", {self.address: 0})
        words = f"{str(self.address[-1]).replace('_', '-')} {self.value} to {left} in {where}"
        return Proposal(words, {self.address: left})


def less_latency(trial: Trial) -> Iterator[Proposal]:
    """Yield layers whose look-ahead alone covers the excess, or those that together do.

    Where all look-ahead is not enough, a shorter hop comes on top.
    """
    check = next(check for check in trial.broken if check.id == TOTAL_LATENCY.id)
    waiting = _waiting(trial)
    if check.value is None:
        return
    over_ms = excess(check)
    if sum(each.delay_ms for each in waiting) >= over_ms - ROUNDING_MS:
        alone = [each for each in waiting if each.delay_ms >= over_ms - ROUNDING_MS]
        yield from (each.less(over_ms) for each in alone[:SINGLE])
        if not alone:
            yield _fewest(waiting, over_ms)
    else:
        yield from _with_shorter_hops(trial, waiting)


def _fewest(waiting: Sequence[_Waiting], over_ms: float) -> Proposal:
    """Return the removal of the longest look-aheads that together reach ``over_ms``."""
    chosen: list[Proposal] = []
    for each in reversed(waiting):
        if over_ms > ROUNDING_MS:
            chosen.append(each.less(over_ms))
            over_ms -= each.delay_ms
    return _together(chosen)


def _with_shorter_hops(trial: Trial, waiting: Sequence[_Waiting]) -> Iterator[Proposal]:
    """Yield the removal of all look-ahead together with shorter strides of one pair."""
    causal = _together([each.less(each.delay_ms) for each in reversed(waiting)])
    changed = trial.fields.changed(causal.changes)
    if changed is None:
        return
    for proposal in shorter_hops(Trial(changed.design, trial.terms)):
        words = ", and ".join(filter(None, (causal.words, proposal.words)))
        yield Proposal(words, {**causal.changes, **proposal.changes})


def _together(proposals: Sequence[Proposal]) -> Proposal:
    """Return all ``proposals`` as one, which names the first few."""
    words = " and ".join(one.words for one in proposals[:SHOWN])
    if len(proposals) > SHOWN:
        words += f", and likewise {len(proposals) - SHOWN} more layers"
    return Proposal(words, {at: value for one in proposals for at, value in one.changes.items()})


def _waiting(trial: Trial) -> list[_Waiting]:
    """Return the fields that make outputs wait, the shortest delay first."""
    found: dict[Address, float] = {}
    for row, delay_ms in amounts(TOTAL_LATENCY, trial.evidence):
        for address in fields_of_rows(trial.fields, row.name, FIELDS):
            found[address] = found.get(address, 0) + delay_ms
    each = [_Waiting(at, int(trial.fields.values[at]), delay_ms) for at, delay_ms in found.items()]
    return sorted(each, key=lambda one: one.delay_ms)
