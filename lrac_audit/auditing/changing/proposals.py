"""Proposals: changes of a design that may mend a broken limit, before they are audited."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.auditing.changing.consistent import ChangedDesign, Values
from lrac_audit.auditing.changing.field_knobs import CodebookSizeKnob
from lrac_audit.auditing.changing.knobs import quantizer_address
from lrac_audit.auditing.changing.stride_pairs import stride_pairs
from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.design.addresses import address_text
from lrac_audit.ledger.row import RvqForm

MAX_STRIDE = 4
"""How many times the present stride one may be that is proposed."""


class Proposal(NamedTuple):
    """A change of a design, in words and as fields, or another form of its quantizer."""

    words: str
    changes: Values
    rvq: RvqForm | None = None


Proposals = Callable[[Trial], Iterator[Proposal]]
"""Yields proposals for a design that breaks a limit, those that change least first."""


def sample_rates(trial: Trial) -> Iterator[Proposal]:
    """Yield the allowed sample rates, the nearest first."""
    limits, now = trial.terms.limits, trial.design.sample_rate_hz
    allowed = limits.sample_rates_hz or (limits.sample_rate_hz,)
    for rate in sorted((rate for rate in allowed if rate), key=lambda rate: abs(rate - now)):
        yield Proposal(f"run it at {rate} Hz", {("sample_rate_hz",): rate})


def frames(trial: Trial) -> Iterator[Proposal]:
    """Yield strides on both sides at which a frame has an allowed length, the nearest first."""
    unit_ms = trial.terms.limits.frame_multiple_ms
    assert unit_ms is not None
    unit = Fraction(str(unit_ms)) * trial.design.sample_rate_hz / 1000
    yield from _strides(trial, lambda hop: (hop / unit).denominator == 1)


def shorter_hops(trial: Trial) -> Iterator[Proposal]:
    """Yield strides on both sides at which the latent steps fit into the limit on the latency."""
    limit_ms = trial.terms.limits.total_latency_ms
    assert limit_ms is not None
    most = Fraction(str(limit_ms)) * trial.design.sample_rate_hz / 1000
    steps = trial.design.quantizer.frame_steps
    yield from _strides(trial, lambda hop: hop / steps <= most)


def _strides(trial: Trial, fits: Callable[[Fraction], bool]) -> Iterator[Proposal]:
    """Yield other strides of each pair at which the hop fits, the least change of the hop first."""
    hop, found = Fraction(trial.design.hop_samples), []
    for pair in stride_pairs(trial.fields):
        for stride in range(1, MAX_STRIDE * pair.value + 1):
            if stride != pair.value and fits(hop * stride / pair.value):
                found.append((abs(math.log(stride / pair.value)), pair.name, stride, pair))
    for _, _, stride, pair in sorted(found, key=lambda one: one[:3]):
        where = " and ".join(address_text(address[:-1]) for address in pair.addresses)
        yield Proposal(f"stride {pair.value} to {stride} in {where}", pair.setting(stride))


def modes(trial: Trial) -> Iterator[Proposal]:
    """Yield the modes that are missing, or smaller codebooks with which one layer is enough."""
    limits_kbps = trial.terms.limits.bitrates_kbps
    each_kbps = trial.design.layers_kbps
    if not each_kbps:
        return
    if each_kbps[0] <= min(limits_kbps):
        yield _missing_modes(trial)
        return
    for address, value in trial.fields.values.items():
        if address[0] == "quantizer" and ("codebook_size" in address or address[-1] == "bits"):
            yield from _smaller_codebook(trial, CodebookSizeKnob(address, value))
    shorter = Fraction(each_kbps[0]) / Fraction(min(limits_kbps)) * trial.design.hop_samples
    for proposal in _strides(trial, lambda hop: hop >= shorter):
        changed = trial.fields.changed(proposal.changes)
        if changed is not None:
            yield _with_modes(trial, proposal.words, changed)


def _missing_modes(trial: Trial) -> Proposal:
    each_kbps, quantizer = trial.design.layers_kbps, trial.design.quantizer
    wanted = {
        sum(kbps <= limit for kbps in each_kbps) for limit in trial.terms.limits.bitrates_kbps
    }
    added = sorted(wanted.difference(quantizer.mode_layers))
    words = " and ".join(
        f"a mode of {n} layer{'' if n == 1 else 's'}: {each_kbps[n - 1]:g} kbps" for n in added
    )
    every = tuple(sorted({*quantizer.mode_layers, *added}))
    return Proposal(f"add {words}", {(*quantizer_address(quantizer), "modes"): every})


def _smaller_codebook(trial: Trial, knob: CodebookSizeKnob) -> Iterator[Proposal]:
    """Yield the largest codebook with which the first layer keeps the least bitrate, if any."""
    least_kbps = min(trial.terms.limits.bitrates_kbps)
    for steps in range(1, knob.value):
        changed = trial.fields.changed(knob.setting(knob.stepped(-steps)))
        if changed is None:
            return
        if changed.design.layers_kbps[0] <= least_kbps:
            words = f"{knob.name} {knob.value} to {knob.stepped(-steps)}"
            yield _with_modes(trial, words, changed)
            return


def _with_modes(trial: Trial, words: str, changed: ChangedDesign) -> Proposal:
    """Return a change with the modes that are still missing after it."""
    after = Trial(changed.design, trial.terms)
    if all(check.id != "bitrates_kbps" for check in after.broken):
        return Proposal(words, changed.changes)
    more = _missing_modes(after)
    return Proposal(f"{words}, and {more.words}", {**changed.changes, **more.changes})
