"""Explain that no design of a space is within the limits, by the design that comes nearest."""

from __future__ import annotations

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.exploring.exact import Exact
from lrac_audit.auditing.exploring.judging import Judging
from lrac_audit.auditing.exploring.parallel import Question
from lrac_audit.auditing.exploring.ranking import NearestRanking
from lrac_audit.auditing.exploring.space import Space, Values
from lrac_audit.auditing.exploring.terms import AuditTerms
from lrac_audit.auditing.exploring.values import value_text
from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.limits.check import Check


def nothing_within(question: Question) -> InputError:
    """Return the error of a space without a design within the limits.

    It names the design whose worst figure is the smallest share of its limit.
    """
    space, terms, limits = question.space, question.terms, question.limits
    judging = Judging(space, terms, ())
    search = Exact(space, terms, NearestRanking(terms, limits))
    search.run()
    found = [(each.values, judging.audit(each.values)) for each in search.front]
    if not found or found[0][1] is None:
        search = Exact(space, terms, NearestRanking(terms, limits), judging.excess)
        search.run()
        found = [(each.values, judging.audit(each.values)) for each in search.front]
    for values, audit in found:
        if audit is not None:
            return _beyond(space, terms, values, audit)
    return _without_design(space)


def _beyond(space: Space, terms: AuditTerms, values: Values, audit: Audit) -> InputError:
    given = f"{shown(terms.limits.name)}, which none of the {space.size:,} designs keeps"
    settings = ", ".join(
        f"{knob.name}={value_text(value)}" for knob, value in zip(space.knobs, values, strict=True)
    )
    broken = "; ".join(_broken(c) for c in audit.verdict.checks if c.status != "pass")
    allowed = f"other limits or values; the nearest design, with {settings}, breaks {broken}"
    return InputError("options", [Problem("--limits", given, allowed)])


def _broken(check: Check) -> str:
    value, limit = check.value, check.limit
    if isinstance(value, int | float) and isinstance(limit, int | float) and value > limit:
        over = f"by {value - limit:.6g}"
        return f"{check.id} {over}: {_figures(value)} for at most {_figures(limit)} {check.unit}"
    return f"{check.id}: {_figures(value)} for {_figures(limit)} {check.unit}"


def _figures(value: float | tuple[float | None, ...] | None) -> str:
    """Return a figure as text, or several with slashes between them."""
    if isinstance(value, tuple):
        return " / ".join(map(_figures, value))
    return "none" if value is None else f"{value:.6g}"


def _without_design(space: Space) -> InputError:
    """Return the error of a space in which every design breaks a rule, with that of the first."""
    first = tuple(knob.values[0] for knob in space.knobs)
    rules = ""
    try:
        space.design(first)
    except InputError as error:
        rules = f"; with the first of all values, {error.problems[0]}"
    given = f"values with which each of {space.size:,} designs breaks a rule"
    return InputError("options", [Problem("--vary", given, f"values that fit together{rules}")])
