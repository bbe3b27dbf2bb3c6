"""Apply rules to calls of operators, and keep the record of what ran."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.known_tensors import KnownTensors
from lrac_audit.witness.dependency.operations import Operation, StepsPair
from lrac_audit.witness.dependency.operators import OperatorCall
from lrac_audit.witness.dependency.parameter_owners import ParameterOwners
from lrac_audit.witness.dependency.registry import NoRuleError, Rule, RuleCall
from lrac_audit.witness.dependency.steps import collapsed, joined, joined_whole
from lrac_audit.witness.dependency.storage import UnreadableViewError
from lrac_audit.witness.dependency.tensor import Dispatch
from lrac_audit.witness.dispatch import map_tensors, tensors_in
from lrac_audit.witness.trace.module_tracking import RunningModules


class Propagation:
    """The tensors and operations of one traced run."""

    def __init__(
        self, running: RunningModules, owners: ParameterOwners, dispatch: Dispatch
    ) -> None:
        """``dispatch`` runs operators on dependent tensors where no mode is active."""
        self.stage = ""
        """Label of the stage that runs."""
        self.known = KnownTensors(dispatch)
        self.operations: list[Operation] = []
        self.unknown: defaultdict[str, set[str]] = defaultdict(set)
        """Operators without a rule, with the paths of the modules that ran them."""
        self.owners = owners
        self._running = running

    @property
    def module_path(self) -> str:
        """Path of the module that is running."""
        return self._running.stack[-1][0] if self._running.stack else ""

    def input(self, values: Tensor) -> Tensor:
        """Return a tensor of which each step of the last axis depends on itself."""
        ramp = torch.arange(values.shape[-1], dtype=torch.int32)
        steps = StepsPair(ramp, -ramp).expanded(values.shape)
        return self.known.input(values, steps, self._record("input", (), steps, values.shape))

    def result(self, tensor: Tensor) -> Operation:
        """Return an operation with the steps of ``tensor`` after all that has run."""
        steps = StepsPair(*(self.known.steps(tensor, kind) for kind in range(2)))
        return self._record("result", self.known.sources([tensor]), steps, tensor.shape)

    def propagate(self, call: OperatorCall, rule: Rule | None, result: Any) -> Any:
        """Return ``result`` with the steps that ``rule`` gives; without a rule, all are joined.

        Tensors that the operator writes to in place stand for the result.
        """
        written = [call.arguments[name] for name in call.operator.written]
        values = written or list(tensors_in(result))
        sources, owner = self.known.sources(call.tensors), self.owners.of(call.tensors)
        made = []
        for value, pair in zip(values, self._steps(call, rule, values), strict=True):
            steps = pair.expanded(value.shape)
            operation = self._record(
                call.operator.name, sources, steps, value.shape, call.is_random, owner
            )
            if written:
                self.known.write(value, steps, operation)
                made.append(value)
            else:
                made.append(self.known.make(value, steps, operation, call))
        if written:
            return made[0] if len(made) == 1 else tuple(made)
        remaining = iter(made)
        return map_tensors(lambda _: next(remaining), result)

    def _steps(
        self, call: OperatorCall, rule: Rule | None, values: Sequence[Tensor]
    ) -> list[StepsPair]:
        """Return the steps of each result."""
        shapes = [tuple(value.shape) for value in values]
        by_kind = [self._steps_of_kind(call, rule, shapes, kind) for kind in range(2)]
        return [StepsPair(*pair) for pair in zip(*by_kind, strict=True)]

    def _steps_of_kind(
        self, call: OperatorCall, rule: Rule | None, shapes: list[tuple[int, ...]], kind: int
    ) -> list[Tensor]:
        try:
            if rule is None:
                raise NoRuleError
            found = rule(RuleCall(call.func, call.arguments, shapes, self.known, kind))
        except (NoRuleError, UnreadableViewError):
            self.unknown[call.operator.name].add(self.module_path)
            found = self._everything(call.tensors, kind)
        if isinstance(found, Tensor):
            found = [found] * len(shapes)
        return list(found) if call.operator.is_view else [collapsed(steps) for steps in found]

    def _everything(self, tensors: Iterable[Tensor], kind: int) -> Tensor:
        dependent = (tensor for tensor in tensors if self.known.depends(tensor))
        return joined(joined_whole(self.known.steps(tensor, kind)) for tensor in dependent)

    def _record(
        self,
        operator: str,
        sources: tuple[Operation, ...],
        steps: StepsPair,
        shape: torch.Size,
        is_random: bool = False,
        owner: str | None = None,
    ) -> Operation:
        place = self.module_path, self.stage
        made = Operation(operator, *place, sources, steps, tuple(shape), is_random, owner)
        self.operations.append(made)
        return made
