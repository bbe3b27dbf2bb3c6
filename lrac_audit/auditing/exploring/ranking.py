"""Rankings of designs by their sums: by objectives, or by how near they come to the limits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from typing import ClassVar

from lrac_audit.auditing.exploring.figures import limit_sums
from lrac_audit.auditing.exploring.front import Rank
from lrac_audit.auditing.exploring.objectives import Objective
from lrac_audit.auditing.exploring.sums import Summand, Summing, Sums
from lrac_audit.auditing.exploring.terms import AuditTerms
from lrac_audit.ledger.row import Ledger

LARGEST_TOTAL = 1 << 80
"""No sum of a design comes near it."""


class Ranking(ABC):
    """The rank that follows from sums, and the sums that are allowed at all."""

    is_limited: ClassVar[bool]
    """Whether designs beyond the limits have no rank at all."""

    def __init__(
        self, terms: AuditTerms, limits: Mapping[str, float], summands: Sequence[Summand]
    ) -> None:
        """Take the bound of each limit by the id of its check, and the sums behind theirs."""
        sums = limit_sums(terms.limits)
        self._bounds = [limits[name] for name in sums]
        self._limited = [Summand(each) for each in sums.values()]
        self.summing = Summing([*self._limited, *summands], terms.convention)

    @abstractmethod
    def rank(self, ledger: Ledger, sums: Sums) -> Rank:
        """Return the rank of ``sums``, which is no worse than that of larger ones."""

    @abstractmethod
    def caps(self, ledger: Ledger) -> Sums:
        """Return the largest allowed sums, for the first numbers of the vector."""


class ObjectiveRanking(Ranking):
    """Ranks by objectives, of designs within the limits."""

    is_limited = True

    def __init__(
        self, terms: AuditTerms, limits: Mapping[str, float], objectives: Sequence[Objective]
    ) -> None:
        summands = [
            None if each.row_sum is None else Summand(each.row_sum, each.is_maximised)
            for each in objectives
        ]
        super().__init__(terms, limits, [each for each in summands if each is not None])
        places = iter(range(len(self._limited), len(self.summing.summands)))
        self._summed = [(each, None if each is None else next(places)) for each in summands]

    def rank(self, ledger: Ledger, sums: Sums) -> Rank:
        """Return the objectives; as good as can be for one that is no sum."""
        return tuple(
            -inf if summand is None or place is None else summand.value(ledger, sums[place])
            for summand, place in self._summed
        )

    def caps(self, ledger: Ledger) -> Sums:
        """Return the largest sum within each limit."""
        pairs = zip(self._limited, self._bounds, strict=True)
        return tuple(_largest(partial(_is_within, each, ledger, most)) for each, most in pairs)


class NearestRanking(Ranking):
    """Ranks by the limit that is exceeded most, as a share of it, of all designs."""

    is_limited = False

    def __init__(self, terms: AuditTerms, limits: Mapping[str, float]) -> None:
        super().__init__(terms, limits, ())

    def rank(self, ledger: Ledger, sums: Sums) -> Rank:
        """Return the largest share that a sum is of its limit."""
        pairs = zip(self._limited, sums, self._bounds, strict=True)
        return (max((each.value(ledger, total) / most for each, total, most in pairs), default=0),)

    def caps(self, ledger: Ledger) -> Sums:
        """Return no number: no sum is too large."""
        return ()


def _is_within(summand: Summand, ledger: Ledger, most: float, total: int) -> bool:
    return summand.value(ledger, total) <= most


def _largest(is_allowed: Callable[[int], bool]) -> int:
    """Return the largest total that is allowed, below which all are; -1 where not even 0 is."""
    low, high = -1, LARGEST_TOTAL
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_allowed(middle) else (low, middle)
    return low
