"""Judging of single designs of a space by their audits."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.exploring.front import Rank
from lrac_audit.auditing.exploring.objectives import Objective, rank_of
from lrac_audit.auditing.exploring.space import Space, Values
from lrac_audit.auditing.exploring.terms import AuditTerms
from lrac_audit.errors import InputError


class Judging:
    """The audits of designs of ``space``."""

    def __init__(self, space: Space, terms: AuditTerms, objectives: Sequence[Objective]) -> None:
        self.space, self._terms, self._objectives = space, terms, objectives

    def audit(self, values: Values) -> Audit | None:
        """Return the audit of a design; None where it breaks a rule."""
        try:
            return self._terms.audit(self.space.design(values))
        except InputError:
            return None

    def rank(self, values: Values) -> Rank | None:
        """Return the rank of a design; None where it breaks a rule or a limit."""
        found = self.audit(values)
        if found is None or found.verdict.status != "pass":
            return None
        return rank_of(found, self._objectives)

    def excess(self, values: Values) -> Rank | None:
        """Return the largest share that a figure is of its limit; None for a broken rule."""
        found = self.audit(values)
        if found is None:
            return None
        pairs = [(check.value, check.limit) for check in found.verdict.checks]
        shares = [
            value / limit
            for value, limit in pairs
            if isinstance(value, int | float) and isinstance(limit, int | float)
        ]
        return (max(shares, default=0.0),)
