"""The dispatch mode that propagates dependency, operator by operator.

What depends on the input has shapes only, unless values are asked for; constants such as masks and
weights stay as they are, and are read where their zeros matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._mode_utils import no_dispatch

from lrac_audit.witness.dependency.operations import StepsPair
from lrac_audit.witness.dependency.operators import (
    FACTORIES,
    INDEXED,
    VALUE_READERS,
    OperatorCall,
    shape_depends_on_values,
    with_positions,
)
from lrac_audit.witness.dependency.parameter_owners import ParameterOwners
from lrac_audit.witness.dependency.propagation import Propagation
from lrac_audit.witness.dependency.registry import RULES, Rule
from lrac_audit.witness.dependency.rules.pointwise import join_elements
from lrac_audit.witness.dependency.rules.random_numbers import draw
from lrac_audit.witness.dependency.shapes import NeedsValues, result_of
from lrac_audit.witness.dependency.tensor import DependentTensor
from lrac_audit.witness.dispatch import LightDispatchMode, map_tensors
from lrac_audit.witness.trace.module_tracking import RunningModules


class DependencyEngine(LightDispatchMode):  # type: ignore[no-untyped-call]
    """Dispatch mode under which tensors carry the input steps they can depend on."""

    def __init__(self, running: RunningModules, owners: ParameterOwners, real_values: bool) -> None:
        super().__init__()
        self.propagation = Propagation(running, owners, self.__torch_dispatch__)
        self.branches: set[str] = set()
        """Modules in which a value of the signal steered what ran."""
        self._known = self.propagation.known
        self.real_values = real_values

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator."""
        call = OperatorCall.of(func, args, kwargs or {})
        if call.operator.name in INDEXED:
            call = OperatorCall.of(func, with_positions(args, self._known.depends), call.kwargs)
        if not (self._depends(call) or call.is_random):
            result = func(*args, **call.kwargs)
            self.propagation.owners.follow(call.tensors, result)
            return result
        if self._depends(call) and call.operator.name in VALUE_READERS:
            self.need_values(func)
            return self._run_on_values(call)
        if shape_depends_on_values(call, self._known.depends):
            self.need_values(func)
        if call.operator.name in FACTORIES:
            return self._run_on_values(call, device=torch.device("cpu"))
        if call.operator.is_view and not any(isinstance(t, DependentTensor) for t in call.tensors):
            return func(*args, **call.kwargs)  # a view of a constant that was written to
        if call.operator.changes_shape:
            return self._reshape_in_place(call)
        return self._propagate(call)

    def _depends(self, call: OperatorCall) -> bool:
        return any(self._known.depends(tensor) for tensor in call.tensors)

    def need_values(self, func: Any) -> None:
        """Note that values steer what runs, or give up where there are none."""
        if not self.real_values:
            raise NeedsValues(func, self.propagation.module_path)
        self.branches.add(self.propagation.module_path)

    def _run_on_values(self, call: OperatorCall, **options: Any) -> Any:
        """Return a constant: numbers that were read, or what has only the shape of its inputs."""
        args, kwargs = map_tensors(self._known.values, (call.args, call.kwargs))
        return call.func(*args, **{**kwargs, **options})

    def _propagate(self, call: OperatorCall) -> Any:
        """Run an operator by its rule, by its parts, or by joining all that goes in."""
        found, result = _rule(call) if self._depends(call) else draw, None
        if found is None and not call.operator.written:
            parts = _parts(call.func)
            if parts is not None:
                with self:
                    result = parts(*call.args, **call.kwargs)
                if result is not NotImplemented:
                    return result
        if self.real_values or not call.operator.written:
            result = result_of(call, self._known, self.real_values)
        return self.propagation.propagate(call, found, result)

    def _reshape_in_place(self, call: OperatorCall) -> Any:
        """Run an operator such as ``unsqueeze_``, which changes the shape of its input itself."""
        changed, *options = call.args
        if not isinstance(changed, DependentTensor):
            return call.func(*call.args, **call.kwargs)  # steps are kept for its storage
        steps = (call.func(steps.detach(), *options, **call.kwargs) for steps in changed.steps)
        pair = StepsPair(*steps)
        call.func(changed.raw, *options, **call.kwargs)
        with no_dispatch():
            call.func(changed, *options, **call.kwargs)
        changed.take_shape(pair)
        return changed


def _rule(call: OperatorCall) -> Rule | None:
    found = RULES.get(call.operator.name)
    return join_elements if found is None and call.operator.is_pointwise else found


def _parts(func: Any) -> Callable[..., Any] | None:
    """Return a function of other operators that gives the same, if torch has one."""
    if torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd"):
        composite: Callable[..., Any] = func.decompose
        return composite
    from torch._decomp import decomposition_table

    return decomposition_table.get(func)
