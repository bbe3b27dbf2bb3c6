"""Sensitivity: what one step of each knob of a design changes, and how far each may go.

One step is the next valid design. Steps are sorted by what a user would turn first: where a limit
is broken, those whose knob mends it, the least relative change first; then by how much the cost of
both sides changes in one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lrac_audit.auditing.changing.consistent import Fields, Values
from lrac_audit.auditing.changing.knob import DIRECTIONS, Knob, Turned, neighbour
from lrac_audit.auditing.changing.knobs import knobs
from lrac_audit.auditing.changing.trial import Trial
from lrac_audit.auditing.exploring.reach import Reach, reach

if TYPE_CHECKING:
    from lrac_audit.progress import Progress

CHANGE_DECIMALS = 9
"""Decimals of a change: differences of rounded figures carry no more."""


class Step(NamedTuple):
    """One step of a knob."""

    knob: Knob
    turned: Turned
    trial: Trial
    reach: Reach
    """How far the knob may go in this direction."""

    @property
    def relative_change(self) -> float:
        """How far the knob must go to mend a broken limit, relative to its value."""
        assert self.reach.value is not None
        return abs(self.reach.value - self.knob.value) / max(self.knob.value, 1)


@dataclass(frozen=True)
class Sensitivity:
    """All steps of a design that change a figure."""

    base: Trial
    steps: tuple[Step, ...]
    inert: int
    """Steps that change no figure: the dilation of a kernel of one tap, for example."""

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The names of the figures."""
        return tuple(self.base.figures)

    def change(self, step: Step, quantity: str) -> float | None:
        """Return by how much a figure grows; None where it has no bound before or after."""
        before, after = self.base.figures[quantity], step.trial.figures[quantity]
        return None if before is None or after is None else round(after - before, CHANGE_DECIMALS)


def sensitivity(base: Trial, progress: Progress | None = None) -> Sensitivity:
    """Return what one step of each knob of the design of ``base`` changes."""
    fields = Fields(base.design)
    found, inert = [], 0
    for knob, one in _steps(fields):
        if progress is not None:
            progress(knob.name)
        trial = Trial(one.changed.design, base.terms)
        if trial.figures == base.figures and _values(trial) == _values(base):
            inert += 1
        else:
            found.append(Step(knob, one, trial, reach(fields, knob, base, one.steps, trial)))
    return Sensitivity(base, tuple(_sorted(base, found)), inert)


def _steps(fields: Fields) -> Iterator[tuple[Knob, Turned]]:
    """Yield the steps of all knobs; of fields that only change together, those of the first."""
    seen: list[Values] = []
    for knob in knobs(fields):
        for direction in DIRECTIONS:
            found = neighbour(fields, knob, direction)
            if found is not None and found.changed.changes not in seen:
                if len(found.changed.changes) > 1:
                    seen.append(found.changed.changes)
                yield knob, found


def _values(trial: Trial) -> list[object]:
    return [check.value for check in trial.verdict.checks]


def _sorted(base: Trial, steps: list[Step]) -> list[Step]:
    """Return the steps that mend by their relative change, then the others by their cost."""
    mending = [step for step in steps if not base.passes and step.reach.value is not None]
    others = [step for step in steps if step not in mending]
    largest: dict[str, float] = {}
    for step in others:
        cost = abs((step.trial.figures["overall_mflops"] or 0) - _overall(base))
        largest[step.knob.name] = max(cost, largest.get(step.knob.name, 0))
    return [
        *sorted(mending, key=lambda step: step.relative_change),
        *sorted(others, key=lambda step: -largest[step.knob.name]),
    ]


def _overall(trial: Trial) -> float:
    return trial.figures["overall_mflops"] or 0
