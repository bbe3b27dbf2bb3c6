"""How far a knob may be turned before a limit breaks, or must be to mend one that is broken.

The values between are not all tried: their number is doubled until the verdict turns, then halved.
That the value found passes is tried, and so is the step beyond it, or the step before it.
"""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.auditing.changing.consistent import Fields
from lrac_audit.auditing.changing.knob import Knob, turned
from lrac_audit.auditing.changing.trial import Terms, Trial
from lrac_audit.limits.check import Check

MAX_STEPS = 1024
"""How many steps away a knob is looked at."""
DISTANCES = ("sample_rate_hz", "sample_rates_hz", "frame_multiple_ms")
"""Checks whose margin is a distance, which must be zero."""


class Reach(NamedTuple):
    """How far a knob may go in one direction."""

    value: int | None
    """The farthest value that keeps all limits; where one is broken now, the nearest that does.
    None where one step brings no limit nearer, or where none mends."""
    breaks: tuple[str, ...] = ()
    """The limits that one step beyond breaks; none where that makes no valid design."""
    is_sought: bool = False
    """Whether it was looked for: one step brings a limit nearer, or nearer to being kept."""


def reach(fields: Fields, knob: Knob, base: Trial, unit: int, first: Trial) -> Reach:
    """Return how far ``knob`` may go in units of ``unit`` steps; ``first`` is one unit away."""
    way = _Way(fields, knob, base.terms, unit, {0: base, 1: first})
    pairs = _pairs(base, first)
    if not base.passes:
        nearer = [now for now, after in pairs if _slack(after) > _slack(now)]
        return way.mending() if any(map(_is_broken, nearer)) else Reach(None)
    if any(_slack(after) < _slack(now) for now, after in pairs):
        return way.farthest()
    return Reach(None)


class _Way:
    """The values of a knob in one direction."""

    def __init__(
        self, fields: Fields, knob: Knob, terms: Terms, unit: int, known: dict[int, Trial | None]
    ) -> None:
        self._fields, self._knob, self._terms, self._unit = fields, knob, terms, unit
        self._known = known

    def farthest(self) -> Reach:
        """Return the farthest value that passes, and the limits that the next one breaks."""
        last, beyond = 0, 1
        while beyond <= MAX_STEPS and self._passes(beyond):
            last, beyond = beyond, 2 * beyond
        if beyond > MAX_STEPS:
            return Reach(self._value(last), (), True)
        while beyond - last > 1:
            middle = (last + beyond) // 2
            last, beyond = (middle, beyond) if self._passes(middle) else (last, middle)
        after = self._trial(beyond)
        return Reach(self._value(last), _ids(after) if after else (), True)

    def mending(self) -> Reach:
        """Return the nearest value that passes."""
        before, enough = 0, 1
        while not self._passes(enough):
            if enough > MAX_STEPS or self._trial(enough) is None:
                return self._last_valid(before, enough)
            before, enough = enough, 2 * enough
        return Reach(self._value(self._least(before, enough)), (), True)

    def _last_valid(self, before: int, invalid: int) -> Reach:
        """Return the nearest value that passes of those before one that makes no valid design."""
        last = before
        while invalid - last > 1:
            middle = (last + invalid) // 2
            if self._passes(middle):
                return Reach(self._value(self._least(before, middle)), (), True)
            last, invalid = (last, middle) if self._trial(middle) is None else (middle, invalid)
        return Reach(None, (), True)

    def _least(self, before: int, enough: int) -> int:
        while enough - before > 1:
            middle = (before + enough) // 2
            before, enough = (before, middle) if self._passes(middle) else (middle, enough)
        return enough

    def _passes(self, units: int) -> bool:
        trial = self._trial(units)
        return trial is not None and trial.passes

    def _trial(self, units: int) -> Trial | None:
        if units not in self._known:
            found = turned(self._fields, self._knob, self._unit * units)
            self._known[units] = found and Trial(found.changed.design, self._terms)
        return self._known[units]

    def _value(self, units: int) -> int:
        return self._knob.stepped(self._unit * units)


def _pairs(before: Trial, after: Trial) -> list[tuple[Check, Check]]:
    return list(zip(before.verdict.checks, after.verdict.checks, strict=True))


def _is_broken(check: Check) -> bool:
    return check.status == "fail"


def _slack(check: Check) -> tuple[float, ...]:
    """Return how far a check is within its limit; less is worse."""
    margins = check.margin if isinstance(check.margin, tuple) else (check.margin,)
    worst = float("-inf")
    known = [worst if margin is None else float(margin) for margin in margins]
    return tuple(-margin if check.id in DISTANCES else margin for margin in known)


def _ids(trial: Trial) -> tuple[str, ...]:
    return tuple(check.id for check in trial.broken)
