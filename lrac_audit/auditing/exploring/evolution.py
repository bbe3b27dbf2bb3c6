"""Evolutionary search of spaces that are too large to be decided, by NSGA-II of optuna.

Its result is searched and never proved: another design may be better than all that it found.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.exploring.exact import Advance
from lrac_audit.auditing.exploring.front import ParetoFront, Ranked
from lrac_audit.auditing.exploring.judging import Judging
from lrac_audit.auditing.exploring.objectives import Objective, parse_objectives, rank_of
from lrac_audit.auditing.exploring.parallel import Found, Question, ignore_interruption, merge
from lrac_audit.auditing.exploring.space import Space, Values
from lrac_audit.auditing.exploring.study import Evolution, check_installed, open_study
from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    import optuna

    from lrac_audit.auditing.audit import Audit

WITHIN_LIMITS = "within_limits"
"""The attribute of a trial that says whether its design keeps every limit."""
EXCESS, RULES = "excess", "rules"
"""The constraints of a trial, of which more than 0 is broken."""
FAR = 1e30
"""Stands for a figure without bound, and for those of a design that breaks a rule."""


def evolve(question: Question, options: Evolution, jobs: int, advance: Advance | None) -> Found:
    """Return the best designs that an evolutionary search finds, with those of the storage.

    Raises:
        InputError: optuna is not installed, the storage cannot be used, or processes lack one.
    """
    check_installed(question.space)
    if jobs > 1 and options.storage is None:
        given = f"{jobs} for a space of {question.space.size:,} designs, which is searched"
        allowed = "1, or a --storage that the processes share"
        raise InputError("options", [Problem("--jobs", given, allowed)])
    study = open_study(question, options)
    is_interrupted = False
    try:
        if jobs == 1:
            _propose(question, study, options.trials, advance)
        else:
            _propose_apart(question, options, jobs, advance)
    except KeyboardInterrupt:
        is_interrupted = True
    return _found(question, study, is_interrupted)


def _propose(
    question: Question, study: optuna.Study, trials: int, advance: Advance | None = None
) -> None:
    """Let the study propose designs, and judge them."""
    objectives = parse_objectives(question.objectives)
    judging = Judging(question.space, question.terms, objectives)
    proposals = _Proposals(question.space, judging, objectives)
    for _ in range(trials):
        study.optimize(proposals.judge, n_trials=1)
        if advance is not None:
            advance(1)


def _propose_apart(
    question: Question, options: Evolution, jobs: int, advance: Advance | None
) -> None:
    """Let ``jobs`` processes share the trials, each with a seed of its own."""
    shares = [
        options._replace(
            trials=options.trials // jobs + (i < options.trials % jobs),
            seed=None if options.seed is None else options.seed + i,
        )
        for i in range(jobs)
    ]
    with get_context("spawn").Pool(jobs, ignore_interruption) as pool:
        for trials in pool.imap_unordered(_proposed, [(question, share) for share in shares]):
            if advance is not None:
                advance(trials)


def _proposed(task: tuple[Question, Evolution]) -> int:
    question, options = task
    _propose(question, open_study(question, options), options.trials)
    return options.trials


def _found(question: Question, study: optuna.Study, is_interrupted: bool) -> Found:
    """Return the front of all that was proposed, with every rank from an audit."""
    judging = Judging(question.space, question.terms, parse_objectives(question.objectives))
    front = ParetoFront()
    judged = dict(_judged_designs(question.space, study.get_trials(deepcopy=False)))
    for values, is_within in judged.items():
        rank = judging.rank(values) if is_within else None
        if rank is not None:
            merge(front, [Ranked(rank, values)])
    return Found(front, len(judged), is_interrupted)


class _Proposals:
    """The designs that trials propose, each audited once."""

    def __init__(self, space: Space, judging: Judging, objectives: Sequence[Objective]) -> None:
        self._space, self._judging, self._objectives = space, judging, objectives
        self._audited: dict[Values, _Judged] = {}

    def judge(self, trial: optuna.Trial) -> Sequence[float]:
        """Return the rank of the design that ``trial`` proposes, and set its constraints."""
        values = tuple(
            knob.values[trial.suggest_int(str(i), 0, len(knob.values) - 1)]
            for i, knob in enumerate(self._space.knobs)
        )
        if values not in self._audited:
            self._audited[values] = self._judged(self._judging.audit(values))
        found = self._audited[values]
        trial.set_constraint(RULES, found.rules)
        trial.set_constraint(EXCESS, found.excess)
        trial.set_user_attr(WITHIN_LIMITS, found.is_within)
        return found.rank

    def _judged(self, audit: Audit | None) -> _Judged:
        if audit is None:
            return _Judged((FAR,) * len(self._objectives), 1.0, FAR, False)
        is_within = audit.verdict.status == "pass"
        rank = tuple(map(_finite, rank_of(audit, self._objectives)))
        excess = 0.0 if is_within else _excess(audit)
        return _Judged(rank, 0.0, excess, is_within)


class _Judged(NamedTuple):
    rank: tuple[float, ...]
    rules: float
    excess: float
    is_within: bool


def _excess(audit: Audit) -> float:
    """Return by how large a share of their limits the figures of a design are too large."""
    shares = [
        check.value / check.limit - 1
        for check in audit.verdict.checks
        if isinstance(check.value, int | float) and isinstance(check.limit, int | float)
    ]
    return max(sum(share for share in shares if share > 0), sys.float_info.epsilon)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.copysign(FAR, value)


def _judged_designs(
    space: Space, trials: Sequence[optuna.trial.FrozenTrial]
) -> Iterator[tuple[Values, bool]]:
    """Yield the values of each judged design, and whether it is within the limits."""
    for trial in trials:
        if trial.state.is_finished() and WITHIN_LIMITS in trial.user_attrs:
            places = [trial.params[str(i)] for i in range(len(space.knobs))]
            pairs = zip(space.knobs, places, strict=True)
            values = tuple(knob.values[place] for knob, place in pairs)
            yield values, trial.user_attrs[WITHIN_LIMITS]
