"""Explorations: the designs of a space that are within the limits and best in the objectives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.exploring.objectives import Objective
from lrac_audit.auditing.exploring.space import Space, Values


class FrontDesign(NamedTuple):
    """A design than which no other that was decided is better in everything."""

    name: str
    """Its name among the results, such as ``front-01``."""
    values: Values
    """The values of the knobs, in their order."""
    audit: Audit
    figures: tuple[float | None, ...]
    """The objectives, as the audit gives them; None where no number bounds one."""


@dataclass(frozen=True)
class Exploration:
    """The result of exploring a space."""

    space: Space
    base: Audit
    """The audit of the design that the knobs are turned on."""
    objectives: Sequence[Objective]
    designs: Sequence[FrontDesign]
    """The Pareto front, the best in the first objective first."""
    decided: int
    """The designs of the space that were decided, by a bound or one by one."""
    is_exact: bool
    """Whether every design was decided, so that the front is proved; else it was searched."""
    is_interrupted: bool = False

    @property
    def unit(self) -> str:
        """The unit of costs."""
        return self.base.convention.unit

    @property
    def method(self) -> str:
        """How the front was found, in words."""
        if self.is_interrupted:
            return f"interrupted when {self.decided:,} of {self.space.size:,} designs were decided"
        if self.is_exact:
            return f"exact: each of {self.space.size:,} designs was decided"
        return f"searched, not proved: {self.decided:,} of {self.space.size:,} designs were audited"

    def unit_of(self, objective: Objective) -> str:
        """Return the unit of an objective; empty for a figure of the user's own."""
        return (objective.unit or self.unit).strip()
