"""The record of a traced run: every operation, and the steps that its results can depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from lrac_audit.witness.dependency.steps import joined_over, plain


class StepsPair(NamedTuple):
    """The steps of one tensor, each of its shape."""

    latest: Tensor
    negated_earliest: Tensor

    def expanded(self, shape: torch.Size) -> StepsPair:
        """Return both arrays in this shape."""
        return StepsPair(*(steps.expand(shape) for steps in self))


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """One result of one operator, as far as it depends on the input or on random numbers."""

    operator: str
    """Name of the operator without namespace and overload, or ``input``."""
    module_path: str
    stage: str
    sources: tuple[Operation, ...]
    """The operations that made its inputs."""
    steps: StepsPair
    shape: tuple[int, ...]
    is_random: bool = False
    """Whether it draws random numbers."""
    owner: str | None = None
    """Path of the module whose parameters it uses, where it is one module."""

    @property
    def latest(self) -> Tensor:
        """The latest input step of each element, with stride 0 where it does not vary."""
        return plain(self.steps.latest).expand(self.shape)

    @property
    def earliest(self) -> Tensor:
        """The earliest input step of each element, with stride 0 where it does not vary."""
        return (-plain(self.steps.negated_earliest)).expand(self.shape)

    def latest_by_step(self) -> Tensor:
        """Return the latest input step of each step of the last axis, ``[T]``."""
        return _by_step(self.steps.latest)

    def earliest_by_step(self) -> Tensor:
        """Return the earliest input step of each step of the last axis, ``[T]``."""
        return -_by_step(self.steps.negated_earliest)


def _by_step(steps: Tensor) -> Tensor:
    steps = steps if steps.dim() else steps.reshape(1)
    other_axes = range(steps.dim() - 1)
    return joined_over(steps, other_axes).expand(steps.shape)[(0,) * (steps.dim() - 1)].contiguous()


@dataclass(frozen=True)
class DependencyTrace:
    """Which input steps the output of a run can depend on, and by which operations."""

    latest: Tensor
    """The latest input step of each output step, over all other axes; ``NO_DEPENDENCE`` where it
    depends on none."""
    earliest: Tensor
    """The earliest input step of each output step; ``-NO_DEPENDENCE`` where it depends on none."""
    stage_results: tuple[tuple[Operation, ...], ...]
    """For each stage, the operations that made the tensors in its result."""
    operations: tuple[Operation, ...]
    """All operations in order; the first is the input."""
    unknown_operators: Mapping[str, frozenset[str]]
    """Operators without a rule, with the modules that ran them: their results depend on everything
    that goes in."""
    branches: frozenset[str]
    """Modules in which a value of the signal steered the control flow: other values could take
    other paths."""
    real_values: bool
    """Whether it ran on values, not on shapes alone."""

    @property
    def output(self) -> Operation:
        """The operation that made the output."""
        return self.stage_results[-1][0]

    @property
    def random_modules(self) -> frozenset[str]:
        """The modules whose random numbers reach the output."""
        return frozenset(o.module_path for o in ancestors(self.stage_results[-1]) if o.is_random)


def ancestors(results: Iterable[Operation]) -> Iterator[Operation]:
    """Yield ``results`` and all operations that they were made from, each once."""
    waiting, seen = list(results), set[int]()
    while waiting:
        operation = waiting.pop()
        if id(operation) not in seen:
            seen.add(id(operation))
            waiting.extend(operation.sources)
            yield operation
