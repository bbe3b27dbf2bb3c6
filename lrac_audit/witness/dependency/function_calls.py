"""Catch calls of torch's functions that its dispatcher sees only in parts, or not at all.

Recurrent layers would be unrolled into several operators a step; methods that take values out of
torch are no operators.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor
from torch._ops import HigherOrderOperator
from torch.overrides import TorchFunctionMode

from lrac_audit.witness.dependency.engine import DependencyEngine
from lrac_audit.witness.dependency.operators import Operator, OperatorCall
from lrac_audit.witness.dependency.registry import RULES
from lrac_audit.witness.dispatch import map_tensors, tensors_in
from lrac_audit.witness.recurrent_calls import RECURRENT_FUNCTIONS, recurrent_arguments
from lrac_audit.witness.trace.higher_order import HIGHER_ORDER, Run

RECURRENT = {
    function: Operator(name, (), (), False, False, False, False)
    for function, name in RECURRENT_FUNCTIONS.items()
}

VALUE_METHODS = (Tensor.tolist, Tensor.numpy, Tensor.__array__)
"""Methods that take values out of torch."""


class FunctionCalls(TorchFunctionMode):
    """Function mode that runs each recurrent layer, packed or not, as one operation."""

    def __init__(self, engine: DependencyEngine) -> None:
        super().__init__()
        self._engine, self._known = engine, engine.propagation.known

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one function of torch."""
        kwargs = kwargs or {}
        if func in RECURRENT and any(self._known.depends(t) for t in tensors_in((args, kwargs))):
            return self._recur(func, args, kwargs)
        if func in VALUE_METHODS and self._known.depends(args[0]):
            self._engine.need_values(func.__name__)
            return func(self._known.values(args[0]), *args[1:], **kwargs)
        if isinstance(func, HigherOrderOperator):
            with self:
                return run_functional(func, args, kwargs)
        if func is torch._VF._pack_padded_sequence:
            return pack(*args)
        return func(*args, **kwargs)

    def _recur(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Any) -> Any:
        arguments = recurrent_arguments(args, kwargs)
        tensors = list(tensors_in((args, kwargs)))
        call = OperatorCall(func, RECURRENT[func], args, kwargs, arguments, tensors, False)
        if self._engine.real_values:
            result = func(*map_tensors(self._known.values, args), **kwargs)
        else:
            result = _empty_result(arguments)
        return self._engine.propagation.propagate(call, RULES[call.operator.name], result)


class Joiner(nullcontext[None]):
    """Stands for the mode, which is active already, where operators that take functions run."""

    def dearer_of(self, first: Run, second: Run) -> tuple[Any, Any]:
        """Return the results of both branches of ``torch.cond``: either may be taken."""
        return first(), second()


def run_functional(operator: HigherOrderOperator, args: Any, kwargs: Any) -> Any:
    """Return the result of an operator that takes functions, by running the functions."""
    name = str(operator.name())  # type: ignore[no-untyped-call]
    if name not in HIGHER_ORDER:
        raise NotImplementedError(f"{name} takes functions in a way that is not known")
    return HIGHER_ORDER[name](Joiner(), *args, **kwargs)


def _empty_result(arguments: dict[str, Any]) -> tuple[Tensor, ...]:
    """Return the outputs and the last states of a recurrent layer, without values."""
    given, states = arguments["input"], arguments["hx"]
    directions = 2 if arguments["bidirectional"] else 1
    shapes = [(*given.shape[:-1], directions * states[0].shape[-1]), *(s.shape for s in states)]
    return tuple(torch.empty(shape, dtype=given.dtype, device="meta") for shape in shapes)


def pack(padded: Tensor, lengths: Tensor, batch_first: bool) -> tuple[Tensor, Tensor]:
    """Return what ``torch._pack_padded_sequence`` does, by an index: sequences step by step."""
    if batch_first:
        padded = padded.transpose(0, 1)
    steps = torch.arange(int(lengths[0]))
    runs = lengths.unsqueeze(0) > steps.unsqueeze(1)
    step, sequence = runs.nonzero(as_tuple=True)
    return padded[step, sequence], runs.sum(1)
