"""Advice on a design that breaks limits: changes that were audited and keep all of them.

First come changes of one thing, such as a kernel or a look-ahead. Where none of them is enough, the
broken limits are mended one after another, and all changes together are one piece of advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

from lrac_audit.auditing.changing.consistent import Values
from lrac_audit.auditing.changing.look_ahead import less_latency
from lrac_audit.auditing.changing.proposals import (
    Proposal,
    Proposals,
    frames,
    modes,
    sample_rates,
)
from lrac_audit.auditing.changing.shorter_kernels import absorbed_form, shorter_kernels
from lrac_audit.auditing.changing.smaller_scale import less_of_everything, narrower_widths
from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.limits.advice import Remedy
from lrac_audit.limits.registry import LIMIT_KINDS

MAX_REMEDIES = 3
"""How many pieces of advice are given."""
ROUNDS = 2
"""How often the broken limits are mended one after another."""
MAX_TRIED = 12
"""How many proposals of one kind are audited."""


class _Group(NamedTuple):
    """Limits that the same kinds of changes mend."""

    ids: frozenset[str]
    proposals: tuple[Proposals, ...]


_OTHERS = (
    _Group(frozenset({"sample_rate_hz", "sample_rates_hz"}), (sample_rates,)),
    _Group(frozenset({"frame_multiple_ms"}), (frames,)),
    _Group(frozenset({"total_latency_ms"}), (less_latency,)),
    _Group(frozenset({"bitrates_kbps"}), (modes,)),
)
_COSTS = frozenset(LIMIT_KINDS).difference(*(group.ids for group in _OTHERS))
"""The limits that a design with less in it keeps."""
_LESS = (absorbed_form, shorter_kernels, narrower_widths, less_of_everything)
_GROUPS = (*_OTHERS, _Group(_COSTS, _LESS))
"""Costs come last: the other changes have an effect on them."""


def remedies(base: Trial) -> list[Remedy]:
    """Return changes of the design of ``base``, each of which alone mends all broken limits."""
    found = list(islice(_single(base), MAX_REMEDIES))
    return found or list(islice(_combined(base), 1))


class _Tried(NamedTuple):
    """A proposal with all its changes, those that follow included, and its trial."""

    proposal: Proposal
    trial: Trial


def _single(base: Trial) -> Iterator[Remedy]:
    """Yield the changes of one thing that mend all broken limits, where these are of one group."""
    for group in _GROUPS:
        if _is_only(base, group):
            for made in group.proposals:
                mended = 0
                for tried in _all_tried(base, made):
                    if tried.trial.passes:
                        mended += 1
                        yield _remedy(base, tried)
                if mended and made is not absorbed_form:
                    return


def _all_tried(base: Trial, made: Proposals) -> Iterator[_Tried]:
    for proposal in islice(made(base), MAX_TRIED):
        tried = _tried(base, proposal)
        if tried is not None:
            yield tried


def _combined(base: Trial) -> Iterator[Remedy]:
    """Yield changes for one group of limits after another that together mend all of them."""
    for first in chain((Proposal("", {}),), absorbed_form(base)):
        together = _mended(base, first)
        tried = together and _tried(base, together)
        if tried and tried.trial.passes:
            yield _remedy(base, tried)


def _mended(base: Trial, first: Proposal) -> Proposal | None:
    """Return ``first`` with what mends each broken group in turn; None where one stays broken.

    What mends one may break another again, such as a longer hop the latency, so that there are
    several rounds.
    """
    now = _tried(base, first)
    for group in _GROUPS * ROUNDS:
        if now is not None and _broken(now.trial, group):
            step = _first_that_mends(now.trial, group)
            now = step and _Tried(_joined(now.proposal, step.proposal), step.trial)
    return now and now.proposal


def _first_that_mends(trial: Trial, group: _Group) -> _Tried | None:
    """Return the first proposal after which no limit of the group is broken."""
    every = chain.from_iterable(_all_tried(trial, made) for made in group.proposals)
    return next((tried for tried in every if not _broken(tried.trial, group)), None)


def _broken(trial: Trial, group: _Group) -> bool:
    return any(check.id in group.ids for check in trial.broken)


def _is_only(trial: Trial, group: _Group) -> bool:
    return all(check.id in group.ids for check in trial.broken)


def _tried(base: Trial, proposal: Proposal) -> _Tried | None:
    """Return the trial of a proposal; None where it makes no valid design."""
    terms = base.terms if proposal.rvq is None else base.terms._replace(form=proposal.rvq)
    changed = base.fields.changed(proposal.changes)
    if changed is None:
        return None
    return _Tried(proposal._replace(changes=changed.changes), Trial(changed.design, terms))


def _joined(first: Proposal, second: Proposal) -> Proposal:
    changes: Values = {**first.changes, **second.changes}
    words = ", and ".join(filter(None, (first.words, second.words)))
    return Proposal(words, changes, second.rvq or first.rvq)


def _remedy(base: Trial, tried: _Tried) -> Remedy:
    """Return the advice, with the values of the limits that were broken."""
    broken = {check.id for check in base.broken}
    outcome = ", ".join(
        f"{check.id} {check.value:g} of {check.limit:g}"
        for check in tried.trial.verdict.checks
        if check.id in broken
        and isinstance(check.value, int | float)
        and isinstance(check.limit, int | float)
    )
    words, changes, rvq = tried.proposal
    return Remedy(f"{words}: {outcome}" if outcome else words, changes, rvq)
