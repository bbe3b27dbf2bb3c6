"""The dispatch mode that propagates dependency, operator by operator.

What depends on the input has shapes only, unless values are asked for; constants such as masks and
weights stay as they are, and are read where their zeros matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._mode_utils import no_dispatch

from lrac_audit.witness.dependency.known_tensors import KnownTensors
from lrac_audit.witness.dependency.operations import Operation, StepsPair
from lrac_audit.witness.dependency.operators import (
    FACTORIES,
    INDEXED,
    VALUE_READERS,
    Operator,
    arguments_of,
    draws,
    operator_of,
    shape_depends_on_values,
    with_positions,
)
from lrac_audit.witness.dependency.parameter_owners import ParameterOwners
from lrac_audit.witness.dependency.registry import RULES, NoRuleError, Rule, RuleCall
from lrac_audit.witness.dependency.rules.pointwise import join_elements
from lrac_audit.witness.dependency.shapes import NeedsValues, result_of, shapes_of
from lrac_audit.witness.dependency.steps import collapsed, joined, joined_whole, nothing
from lrac_audit.witness.dependency.storage import UnreadableViewError
from lrac_audit.witness.dependency.tensor import DependentTensor
from lrac_audit.witness.dispatch import LightDispatchMode, map_tensors, tensors_in
from lrac_audit.witness.trace.module_tracking import RunningModules


class DependencyEngine(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode under which tensors carry the input steps they can depend on."""

    def __init__(self, running: RunningModules, owners: ParameterOwners, real_values: bool) -> None:
        super().__init__()
        self.stage = ""
        self.operations: list[Operation] = []
        self.unknown: defaultdict[str, set[str]] = defaultdict(set)
        self.branches: set[str] = set()
        self.known = KnownTensors()
        self._running, self._owners, self._real_values = running, owners, real_values

    def input(self, clip: Tensor) -> Tensor:
        """Return ``clip`` as a tensor of which each step depends on itself."""
        values = clip if self._real_values else clip.to("meta")
        ramp = torch.arange(clip.shape[-1], dtype=torch.int32)
        steps = StepsPair(ramp, -ramp).expanded(values.shape)
        return DependentTensor(values, steps, self._record("input", (), steps, values.shape))

    def result(self, tensor: Tensor) -> Operation:
        """Return an operation with the steps of ``tensor`` after all that has run."""
        steps = StepsPair(*(self.known.steps(tensor, kind) for kind in range(2)))
        return self._record("result", self.known.sources([tensor]), steps, tensor.shape)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator."""
        kwargs = kwargs or {}
        operator = operator_of(func)
        if operator.name in INDEXED:
            args = with_positions(args, self.known.depends)
        arguments = arguments_of(operator, args, kwargs)
        tensors = list(tensors_in((args, kwargs)))
        dependent = [tensor for tensor in tensors if self.known.depends(tensor)]
        is_random = draws(operator, arguments)
        if not dependent and not is_random:
            result = func(*args, **kwargs)
            self._owners.follow(tensors, result)
            return result
        if dependent and operator.name in VALUE_READERS:
            return self._read_value(func, args, kwargs)
        if shape_depends_on_values(func, arguments, self.known.depends):
            self._need_values(func)
        if operator.name in FACTORIES:
            return self._made_constant(func, args, kwargs)
        if operator.is_view and not any(isinstance(t, DependentTensor) for t in dependent):
            return func(*args, **kwargs)  # a view of a constant that was written to
        found = self._rule(func, operator, is_random)
        if found is None and not operator.written:
            parts = _decomposition(func)
            if parts is not None:
                with self:
                    result = parts(*args, **kwargs)
                if result is not NotImplemented:
                    return result
        if operator.changes_shape:
            return self._reshape_in_place(func, args, kwargs)
        return self._propagate(func, operator, found, arguments, args, kwargs)

    def _rule(self, func: Any, operator: Operator, is_random: bool) -> Rule | None:
        if operator.name in RULES:
            return RULES[operator.name]
        return join_elements if operator.is_pointwise or is_random else None

    def _read_value(self, func: Any, args: Any, kwargs: Any) -> Any:
        self._need_values(func)
        args, kwargs = map_tensors(self.known.values, (args, kwargs))
        return func(*args, **kwargs)

    def _module_path(self) -> str:
        return self._running.stack[-1][0] if self._running.stack else ""

    def _need_values(self, func: Any) -> None:
        """Note that values steer what runs, or give up where there are none."""
        if not self._real_values:
            raise NeedsValues(func, self._module_path())
        self.branches.add(self._module_path())

    def _made_constant(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operator that takes only shape and dtype of its inputs."""
        args, kwargs = map_tensors(self.known.values, (args, kwargs))
        return func(*args, **{**kwargs, "device": torch.device("cpu")})

    def _propagate(
        self,
        func: Any,
        operator: Operator,
        found: Rule | None,
        arguments: dict[str, Any],
        args: Any,
        kwargs: Any,
    ) -> Any:
        tensors = list(tensors_in((args, kwargs)))
        result, targets = None, [arguments[name] for name in operator.written]
        if not operator.written or self._real_values:
            result = result_of(func, args, kwargs, self.known, self._real_values)
        values = list(tensors_in(result)) if not operator.written else targets
        pairs = self._steps_of(func, operator, found, arguments, tensors, shapes_of(values))
        sources = self.known.sources(tensors)
        is_random, owner = draws(operator, arguments), self._owners.of(tensors)
        made = []
        for value, steps in zip(values, pairs, strict=True):
            pair = steps.expanded(value.shape)
            record = self._record(operator.name, sources, pair, value.shape, is_random, owner)
            if operator.written:
                self.known.write(value, pair, record)
                made.append(value)
            else:
                made.append(self.known.make(value, pair, record, tensors, operator.is_view))
        if operator.written:
            return made[0] if len(made) == 1 else tuple(made)
        remaining = iter(made)
        return map_tensors(lambda _: next(remaining), result)

    def _steps_of(
        self,
        func: Any,
        operator: Operator,
        found: Rule | None,
        arguments: dict[str, Any],
        tensors: list[Tensor],
        shapes: list[tuple[int, ...]],
    ) -> list[StepsPair]:
        """Return the steps of each result, by the rule or by joining all that goes in."""
        kinds = []
        for kind in range(2):
            try:
                if found is None:
                    raise NoRuleError
                call = RuleCall(func, arguments, shapes, self.known, kind)
                kinds.append(_each(found(call), len(shapes)))
            except (NoRuleError, UnreadableViewError):
                self.unknown[operator.name].add(self._module_path())
                kinds.append([self._everything(tensors, kind)] * len(shapes))
        tidy = (lambda steps: steps) if operator.is_view else collapsed
        return [StepsPair(tidy(a), tidy(b)) for a, b in zip(*kinds, strict=True)]

    def _everything(self, tensors: Iterable[Tensor], kind: int) -> Tensor:
        dependent = (t for t in tensors if self.known.depends(t))
        return joined([nothing(), *(joined_whole(self.known.steps(t, kind)) for t in dependent)])

    def _reshape_in_place(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operator such as ``unsqueeze_``, which changes the shape of its input itself."""
        changed = args[0]
        if not isinstance(changed, DependentTensor):
            raise NoRuleError(f"{func} on a constant that was written to")
        pair = StepsPair(*(func(steps.detach(), *args[1:], **kwargs) for steps in changed.steps))
        func(changed.values, *args[1:], **kwargs)
        with no_dispatch():
            func(changed, *args[1:], **kwargs)
        changed.reshape_in_place(pair)
        return changed

    def _record(
        self,
        operator: str,
        sources: tuple[Operation, ...],
        steps: StepsPair,
        shape: torch.Size,
        is_random: bool = False,
        owner: str | None = None,
    ) -> Operation:
        path = self._module_path()
        steps_of = (sources, steps, tuple(shape), is_random, owner)
        made = Operation(operator, path, self.stage, *steps_of)
        self.operations.append(made)
        return made


def _each(found: Any, count: int) -> list[Tensor]:
    """Return the steps of each result, where one array stands for all."""
    return list(found) if isinstance(found, list | tuple) else [found] * count


def _decomposition(func: Any) -> Callable[..., Any] | None:
    """Return a function of other operators that gives the same, if torch has one."""
    if torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"):
        composite: Callable[..., Any] = func.decompose
        return composite
    from torch._decomp import decomposition_table

    return decomposition_table.get(func)
