"""Audits of many targets as entries: each target in each of its modes, with its judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit


class JudgementTerms(NamedTuple):
    """The terms that set judgements of one entry apart; empty for those that all have in common."""

    limits: str
    convention: str

    @property
    def title(self) -> str:
        """The names that differ."""
        return ", ".join(name for name in self if name)


class Entry(NamedTuple):
    """A target in one of its modes."""

    judgements: Mapping[JudgementTerms, Audit]
    """At least one, in the order in which they were asked for."""

    @property
    def first(self) -> Audit:
        """The judgement that was asked for first; the mode and the delay are those of all."""
        return next(iter(self.judgements.values()))


def entries_of(audits: Sequence[Audit]) -> list[Entry]:
    """Return ``audits`` as entries, in the order in which each target and mode first comes."""
    runs: dict[tuple[object, ...], list[Audit]] = {}
    for audit in audits:
        runs.setdefault((audit.target.source, *audit.ledger.mode), []).append(audit)
    by_limits = any(len({each.verdict.limits.name for each in run}) > 1 for run in runs.values())
    by_convention = any(len({each.convention.name for each in run}) > 1 for run in runs.values())

    def terms(audit: Audit) -> JudgementTerms:
        limits, convention = audit.verdict.limits.name, audit.convention.name
        return JudgementTerms(limits if by_limits else "", convention if by_convention else "")

    return [entry for run in runs.values() for entry in _entries(run, terms)]


def _entries(run: Iterable[Audit], terms: Callable[[Audit], JudgementTerms]) -> list[Entry]:
    """Return one entry, or several where a target was given several times."""
    found: list[dict[JudgementTerms, Audit]] = []
    for audit in run:
        key = terms(audit)
        fitting = next((each for each in found if key not in each), None)
        if fitting is None:
            found.append(fitting := {})
        fitting[key] = audit
    return [Entry(judgements) for judgements in found]
