"""Verdicts: the judgement of a ledger against a limit set."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.ledger.conventions import CONVENTIONS, Convention
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.bitstream import BITSTREAM
from lrac_audit.limits.check import Check, Evidence, Status
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.limits.registry import LIMIT_KINDS


class Verdict(NamedTuple):
    """All checks of one limit set, in one convention."""

    limits: LimitSet
    convention: Convention
    checks: tuple[Check, ...]
    doubts: tuple[str, ...] = ()
    """Disagreements of witnesses; any of them makes the verdict incomplete."""

    @property
    def status(self) -> Status:
        """``fail`` where a limit is broken, else ``incomplete`` where something is not known.

        With any doubt it is ``incomplete``.
        """
        if self.doubts:
            return "incomplete"
        found = {check.status for check in self.checks}
        return "fail" if "fail" in found else "incomplete" if "incomplete" in found else "pass"


def judge(
    ledger: Ledger,
    totals: Totals,
    limits: LimitSet,
    convention: Convention,
    doubts: tuple[str, ...] = (),
) -> Verdict:
    """Return the verdict on ``ledger`` when its work is counted by ``convention``.

    Limits written in floating-point operations are restated in ``convention``'s unit: at one
    operation a MAC, half of a limit that was written at two.
    """
    evidence = Evidence(ledger, totals, limits, convention)
    checks = [
        kind.check(evidence, bound)
        for kind in LIMIT_KINDS.values()
        if (bound := getattr(limits, kind.id)) not in (None, ())
    ]
    if ledger.bitstream is not None:
        checks.append(BITSTREAM.check(evidence, ledger.bitstream))
    return Verdict(limits, convention, tuple(checks), doubts)


def other_verdicts(ledger: Ledger, totals: Totals, verdict: Verdict) -> list[Verdict]:
    """Return the verdicts under every other convention that differ from ``verdict``."""
    others = [
        judge(ledger, totals, verdict.limits, convention, verdict.doubts)
        for convention in CONVENTIONS.values()
        if convention is not verdict.convention
    ]
    return [other for other in others if other.status != verdict.status]
