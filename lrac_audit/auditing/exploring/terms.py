"""Terms on which every design of a space is audited."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.auditing.audit import Audit, active_layers, audit
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger, RvqForm
from lrac_audit.ledger.totals import Totals
from lrac_audit.ledger.walk import walk
from lrac_audit.limits.check import Evidence
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.limits.registry import LIMIT_KINDS

RATE_LIMITS = ("sample_rate_hz", "sample_rates_hz", "bitrates_kbps", "frame_multiple_ms")
"""Limits on what follows from rates and the quantizer alone."""


class AuditTerms(NamedTuple):
    """The options of the audits."""

    limits: LimitSet
    form: RvqForm
    bitrate_kbps: float | None
    convention: Convention

    def audit(self, design: CodecDesign) -> Audit:
        """Return the audit of ``design``.

        Raises:
            InputError: it has no mode with the bitrate.
        """
        return audit(
            design,
            limits=self.limits,
            rvq=self.form,
            bitrate_kbps=self.bitrate_kbps,
            convention=self.convention.name,
        )

    def layers_on(self, design: CodecDesign) -> int | None:
        """Return the quantizer layers that are on in the mode; None where there is no such mode."""
        try:
            return active_layers(design, self.bitrate_kbps)
        except InputError:
            return None

    def ledger(self, design: CodecDesign, layers_on: int) -> Ledger:
        """Return the ledger of ``design``."""
        return walk(design, self.form, layers_on)

    def broken_rate_limits(self, ledger: Ledger) -> list[str]:
        """Return the limits that the rates and the bitrates of ``ledger`` break."""
        evidence = Evidence(ledger, Totals(ledger), self.limits, self.convention)
        bounds = {name: getattr(self.limits, name) for name in RATE_LIMITS}
        return [
            name
            for name, bound in bounds.items()
            if bound and LIMIT_KINDS[name].check(evidence, bound).status != "pass"
        ]
