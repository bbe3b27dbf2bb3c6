"""Trials: a changed design, judged on the terms of an audit."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from lrac_audit.auditing.changing.consistent import Fields
from lrac_audit.auditing.variants import Variants
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import device_values
from lrac_audit.ledger.row import RVQ_FORMS, Ledger, RvqForm
from lrac_audit.ledger.totals import Part
from lrac_audit.limits.check import Check, Evidence
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.limits.verdict import Verdict, judge


class Terms(NamedTuple):
    """The terms on which a design is judged."""

    limits: LimitSet
    convention: Convention
    form: RvqForm
    modes_above: int
    """Bitrate modes above the judged one; 0 judges the highest."""


def terms_of(design: CodecDesign, ledger: Ledger, verdict: Verdict) -> Terms:
    """Return the terms on which ``design``, whose ``ledger`` it is, got its verdict."""
    above, mode = 0, ledger.mode
    if mode.active_layers is not None:
        layers = design.quantizer.mode_layers
        above = len(layers) - 1 - layers.index(mode.active_layers)
    return Terms(verdict.limits, verdict.convention, mode.rvq or RVQ_FORMS[0], above)


class Trial:
    """A design counted and judged on ``terms``."""

    def __init__(self, design: CodecDesign, terms: Terms) -> None:
        self.design = design
        self.terms = terms
        modes = design.quantizer.mode_layers
        layers = modes[max(len(modes) - 1 - terms.modes_above, 0)]
        self.counted = Variants(design).counted(terms.form, layers)
        ledger, totals = self.counted
        self.verdict = judge(ledger, totals, terms.limits, terms.convention)

    @cached_property
    def fields(self) -> Fields:
        """The fields of the design."""
        return Fields(self.design)

    @property
    def evidence(self) -> Evidence:
        """The ledger that was judged, and the terms."""
        return Evidence(*self.counted, self.terms.limits, self.terms.convention)

    @property
    def broken(self) -> tuple[Check, ...]:
        """The broken limits."""
        return tuple(check for check in self.verdict.checks if check.status == "fail")

    @property
    def passes(self) -> bool:
        """Whether no limit is broken; what is not known stays so."""
        return not self.broken

    @cached_property
    def figures(self) -> dict[str, float | None]:
        """Costs, delay and memory by their names; None where no number bounds one."""
        ledger = self.counted.ledger
        return {
            "overall_mflops": self._mflops("overall"),
            "transmit_mflops": self._mflops("transmit"),
            "receive_mflops": self._mflops("receive"),
            "latency_ms": ledger.milliseconds_or_none(latency(ledger).total_samples),
            "stored_values": device_values(ledger),
            "state_values": _state_values(ledger),
            "receptive_field_samples": context(ledger).encoder_samples,
        }

    def _mflops(self, part: Part) -> float:
        return self.counted.mflops(part, self.terms.convention)


def _state_values(ledger: Ledger) -> int | None:
    """Return the values that both sides keep from frame to frame, held ones included."""
    total = 0
    for row in ledger.rows:
        if row.state_values is None or row.held_values is None:
            return None
        total += row.state_values + row.held_values
    return total
