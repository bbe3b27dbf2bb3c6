"""Explore the designs around one design: from the options to the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.exploring.defaults import MAX_DESIGNS
from lrac_audit.auditing.exploring.evolution import evolve
from lrac_audit.auditing.exploring.exact import Advance
from lrac_audit.auditing.exploring.exploration import Exploration, FrontDesign
from lrac_audit.auditing.exploring.judging import Judging
from lrac_audit.auditing.exploring.nearest import nothing_within
from lrac_audit.auditing.exploring.objectives import Objective, parse_objectives
from lrac_audit.auditing.exploring.parallel import Found, Question, search
from lrac_audit.auditing.exploring.space import Space, parse_space
from lrac_audit.auditing.exploring.study import Evolution
from lrac_audit.auditing.exploring.terms import AuditTerms
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem


class Wishes(NamedTuple):
    """The knobs and the objectives as a user writes them, and options of the search."""

    vary: Sequence[str]
    objectives: Sequence[str]
    bitrate_kbps: float | None = None
    jobs: int = 1
    max_designs: int = MAX_DESIGNS
    """The largest space that is decided exactly; a larger one is searched."""
    evolution: Evolution = Evolution()


def explore(base: Audit, wishes: Wishes, advance: Advance | None = None) -> Exploration:
    """Return the Pareto front of the space around an audited design.

    Raises:
        InputError: an option cannot be used, or no design is within the limits.
    """
    assert base.design is not None, "a codec that is measured has no fields to vary"
    space, objectives = read_wishes(base.design, wishes)
    terms = audit_terms(base, wishes.bitrate_kbps)
    is_judged = any(each.row_sum is None for each in objectives)
    question = Question(space, terms, bounds_of(base), tuple(wishes.objectives), is_judged)
    judging = Judging(space, terms, objectives)
    is_searched = space.size > wishes.max_designs
    if is_searched:
        found = evolve(question, wishes.evolution, wishes.jobs, advance)
    else:
        found = _decided(question, judging, wishes.jobs, advance)
    if not found.front and not found.is_interrupted:
        raise _nothing_found(question, found) if is_searched else nothing_within(question)
    return _exploration(base, objectives, judging, found, is_exact=not is_searched)


def _decided(question: Question, judging: Judging, jobs: int, advance: Advance | None) -> Found:
    found = search(question, jobs, advance)
    if question.is_judged or all(judging.rank(each.values) for each in found.front):
        return found
    # A design broke a limit on a peak, or a rule that no piece of the path can tell, and may have
    # hidden a good one.
    return search(question._replace(is_judged=True), jobs, None)


def _nothing_found(question: Question, found: Found) -> InputError:
    given = f"{question.terms.limits.name}, which none of {found.decided:,} audited designs keeps"
    allowed = "other limits or values, or more --trials: the search proves nothing"
    return InputError("options", [Problem("--limits", given, allowed)])


def read_wishes(design: CodecDesign, wishes: Wishes) -> tuple[Space, tuple[Objective, ...]]:
    """Return the space and the objectives.

    Raises:
        InputError: with every problem of both.
    """
    problems: list[Problem] = []
    space, objectives = None, None
    try:
        space = parse_space(design, wishes.vary)
    except InputError as error:
        problems += error.problems
    try:
        objectives = parse_objectives(wishes.objectives)
    except InputError as error:
        problems += error.problems
    if space is None or objectives is None:
        raise InputError("options", problems)
    return space, objectives


def audit_terms(base: Audit, bitrate_kbps: float | None) -> AuditTerms:
    """Return the terms on which ``base`` was audited."""
    form = base.ledger.mode.rvq or "absorbed"
    return AuditTerms(base.verdict.limits, form, bitrate_kbps, base.convention)


def bounds_of(base: Audit) -> dict[str, float]:
    """Return the limits that are one number, by the id of their check."""
    return {
        check.id: check.limit
        for check in base.verdict.checks
        if isinstance(check.limit, int | float)
    }


def _exploration(
    base: Audit, objectives: Sequence[Objective], judging: Judging, found: Found, is_exact: bool
) -> Exploration:
    """Return what was found as a result, each design of which is audited as a whole."""
    audited = [(each.values, judging.audit(each.values)) for each in found.front]
    passing = [(values, one) for values, one in audited if one and one.verdict.status == "pass"]
    digits = len(str(len(passing)))
    designs = [
        FrontDesign(
            f"front-{i:0{digits}}", values, one, tuple(each.measure(one) for each in objectives)
        )
        for i, (values, one) in enumerate(passing, start=1)
    ]
    is_proved = is_exact and not found.is_interrupted
    return Exploration(
        judging.space, base, objectives, designs, found.decided, is_proved, found.is_interrupted
    )
