"""Judge an audited codec by other limits and conventions, without auditing it again."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit
from lrac_audit.ledger.conventions import Convention, find_convention
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.limits.verdict import judge


class Judgement(NamedTuple):
    """The limits and the convention that a codec is judged by."""

    limits: LimitSet | None
    """None for those of the audit."""
    convention: Convention | None
    """None for that which the limits are written in."""

    def of(self, audit: Audit) -> Audit:
        """Return ``audit`` as judged by these."""
        if self.limits is None and self.convention is None:
            return audit
        limits = self.limits or audit.verdict.limits
        convention = self.convention or find_convention(limits.convention)
        verdict = judge(audit.ledger, audit.totals, limits, convention, audit.verdict.doubts)
        is_default = audit.limits_are_default and self.limits is None
        return replace(audit, verdict=verdict, limits_are_default=is_default)
