"""Branches of layers beside each other, whose outputs are summed or laid side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from lrac_audit.design.bounds import MAX_PARTS
from lrac_audit.design.layer import Layer, Layers, channels_after, layer_kind, look_ahead_of
from lrac_audit.design.layer_checks import CHANNELS_IN, CHANNELS_OUT, CHECKS, no_rules
from lrac_audit.design.path import COMPOSITES, Position, Steps, listed_steps
from lrac_audit.design.steps import Branch, Step
from lrac_audit.errors import Problem
from lrac_audit.validation.structures import Count


@layer_kind("parallel")
@dataclass(frozen=True, slots=True)
class Parallel(Layer):
    """Branches that keep the rate; all but the one that looks ahead farthest are held back."""

    branches: Annotated[tuple[Layers, ...], Count(2, MAX_PARTS)]
    """The layers of each branch, in the order of the signal."""
    join: Literal["sum", "concat"] = "sum"
    """``sum`` adds outputs of one width; ``concat`` lays their channels side by side."""

    @property
    def look_ahead_steps(self) -> int | None:
        """Steps that the branch with the most look-ahead waits for."""
        each = [steps for steps in map(look_ahead_of, self.branches) if steps is not None]
        return max(each) if len(each) == len(self.branches) else None

    @property
    def held_steps(self) -> tuple[int | None, ...]:
        """Steps that each branch is held back; None where another waits without a bound."""
        longest = self.look_ahead_steps
        return tuple(_held_steps(look_ahead_of(layers), longest) for layers in self.branches)

    def channels_after(self, channels: int) -> int:
        """Return the width of the sum, or the widths of all branches together."""
        widths = self.widths(channels)
        return sum(widths) if self.join == "concat" else widths[0]

    def widths(self, channels: int) -> list[int]:
        """Return the width behind each branch, given that before them."""
        return [channels_after(layers, channels) for layers in self.branches]


@dataclass(frozen=True, slots=True)
class Join:
    """The sum or the concatenation of the branches."""

    kind: Literal["sum", "concat"]
    widths: tuple[int, ...]
    """Channels of each branch."""
    held_steps: tuple[int | None, ...]
    """Steps that each branch is held back, while the longest waits for its look-ahead; None where
    no number bounds them."""


def _held_steps(own: int | None, longest: int | None) -> int | None:
    """Return the steps that a branch with its ``own`` look-ahead waits for the ``longest``."""
    if own is None:
        return 0
    return None if longest is None else longest - own


@COMPOSITES.add(Parallel)
def _steps(at: Position, path: str, part: Parallel) -> Steps:
    widths, after = tuple(part.widths(at.channels)), part.channels_after(at.channels)
    for i, layers in enumerate(part.branches):
        branch, beside = f"{path}.branches.{i}", at.copy()
        yield beside.composite(branch, Branch(), listed_steps(beside, branch, layers))
    at.channels = sum(widths)
    yield at.layer(f"{path}.join", Join(part.join, widths, part.held_steps), after)


@CHECKS.add(Parallel)
def _meet(step: Step) -> Sequence[Problem]:
    part, field = step.part, f"{step.field}.branches"
    wrong = [
        Problem(f"{field}[{i}]", "layers that change the rate", "layers that keep it")
        for i, layers in enumerate(part.branches)
        if any(layer.rate_down * layer.rate_up > 1 for layer in layers)
    ]
    widths = part.widths(step.channels_in)
    if wrong or part.join == "concat" or len(set(widths)) == 1:
        return wrong
    given = f"branches that end with {', '.join(map(str, widths))} channels"
    allowed = "branches of one width for join: sum"
    return (Problem(field, given, allowed, (CHANNELS_IN, CHANNELS_OUT, f"{step.field}.join")),)


CHECKS.add(Branch, Join)(no_rules)
