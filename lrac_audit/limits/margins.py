"""How near a codec is to the limits that it may use up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from lrac_audit.limits.check import Check
from lrac_audit.limits.registry import CHECK_KINDS


class Tightest(NamedTuple):
    """The check with the smallest margin."""

    check: Check
    share: float
    """The margin as a share of the limit; minus infinity where no number says how far a limit is
    broken."""

    @property
    def percent(self) -> float:
        """The same in percent."""
        return 100 * self.share

    @property
    def is_number(self) -> bool:
        """Whether there is a number to show."""
        return math.isfinite(self.share)


def tightest(checks: Iterable[Check]) -> Tightest | None:
    """Return the check with the smallest margin as a share of its limit.

    A limit that only has to be met, such as the sample rate, counts where it is broken. None where
    no check has a margin.
    """
    shares = [(share, check) for check in checks if (share := relative_margin(check)) is not None]
    if not shares:
        return None
    share, check = min(shares, key=lambda each: each[0])
    return Tightest(check, share)


def relative_margin(check: Check) -> float | None:
    """Return the margin of a check as a share of its limit; negative where it is broken.

    None where nothing is left over of a limit that is kept, or the value is not known; minus
    infinity where a limit is broken and no number says by how much.
    """
    kind = CHECK_KINDS.get(check.id)
    is_spent = kind is None or kind.is_budget
    limit, margin = check.limit, check.margin
    if is_spent and isinstance(limit, int | float) and isinstance(margin, int | float) and limit:
        return margin / limit
    return -math.inf if check.status == "fail" else None
