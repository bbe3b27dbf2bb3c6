"""Exact search in several processes, whose result is the same for any number of them."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import NamedTuple

from lrac_audit.auditing.exploring.contexts import order_of
from lrac_audit.auditing.exploring.exact import Advance, Exact
from lrac_audit.auditing.exploring.front import ParetoFront, Ranked
from lrac_audit.auditing.exploring.judging import Judging
from lrac_audit.auditing.exploring.objectives import parse_objectives
from lrac_audit.auditing.exploring.ranking import ObjectiveRanking
from lrac_audit.auditing.exploring.space import Space
from lrac_audit.auditing.exploring.terms import AuditTerms

TASKS_PER_JOB = 8
"""So many that no process waits long for the last of the others."""


class Question(NamedTuple):
    """The space and the objectives of a search, in a form that another process can be sent."""

    space: Space
    terms: AuditTerms
    limits: Mapping[str, float]
    """The bound of each limit by the id of its check."""
    objectives: Sequence[str]
    is_judged: bool
    """Whether every design that joins a front is audited at once."""


class Found(NamedTuple):
    """The front of a space, and how many of its designs were decided."""

    front: ParetoFront
    decided: int
    is_interrupted: bool


def search(question: Question, jobs: int, advance: Advance | None) -> Found:
    """Return the front of the space, by an exact search in ``jobs`` processes.

    An interruption ends it, and what was found until then is returned.
    """
    if jobs == 1:
        return _alone(question, advance)
    tasks = [question._replace(space=space) for space in parted(question.space, jobs)]
    processes = get_context("spawn")
    stop = processes.Event()
    front, decided, is_interrupted = ParetoFront(), 0, False
    with processes.Pool(min(jobs, len(tasks)), _begin, (stop,)) as pool:
        results = pool.imap(_searched, tasks)
        for _ in tasks:
            try:
                found = results.next()
            except KeyboardInterrupt:
                stop.set()
                is_interrupted = True
                found = results.next()
            merge(front, found.front)
            decided += found.decided
            if advance is not None:
                advance(found.decided)
    return Found(front, decided, is_interrupted)


def parted(space: Space, jobs: int) -> list[Space]:
    """Return parts of ``space`` in the order in which one search would decide them."""
    order = order_of(space)
    split: list[int] = []
    for knob in (*order.first, *order.along):
        if prod(len(space.knobs[i].values) for i in split) >= jobs * TASKS_PER_JOB:
            break
        split.append(knob)
    parts = []
    for values in product(*(space.knobs[i].values for i in split)):
        part = space
        for knob, value in zip(split, values, strict=True):
            part = part.restricted(knob, (value,))
        parts.append(part)
    return parts


def merge(front: ParetoFront, found: Iterable[Ranked]) -> None:
    """Add to ``front`` what was found later; of equal designs the earlier stays."""
    for one in found:
        if not front.covers(one.rank):
            front.add(one)


def _alone(question: Question, advance: Advance | None) -> Found:
    exact = _exact(question, advance)
    try:
        exact.run()
    except KeyboardInterrupt:
        return Found(exact.front, exact.decided, True)
    return Found(exact.front, exact.decided, False)


def _exact(question: Question, advance: Advance | None) -> Exact:
    objectives = parse_objectives(question.objectives)
    ranking = ObjectiveRanking(question.terms, question.limits, objectives)
    judge = Judging(question.space, question.terms, objectives).rank
    used = judge if question.is_judged else None
    return Exact(question.space, question.terms, ranking, used, advance)


def ignore_interruption() -> None:
    """Leave an interruption from the keyboard, which reaches every process, to the first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_stops: list[Event] = []
"""In a process that searches for another: the event by which that one ends its search."""


def _begin(stop: Event) -> None:
    ignore_interruption()
    _stops.append(stop)


def _searched(task: Question) -> Found:
    """Search a part of the space; an interruption of the first process ends it early."""
    return _alone(task, _end_if_stopped)


def _end_if_stopped(_: int) -> None:
    if any(stop.is_set() for stop in _stops):
        raise KeyboardInterrupt
