"""Results without values, quickly.

On the device ``meta`` torch finds the shapes of many results by Python code that takes
milliseconds a call. For the operators that codecs spend their calls on it is plain what comes out;
with these answers the trace of a large codec is several times faster.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.trace.operation import Operation
from lrac_audit.witness.trace.table import words

Result = Any
Answer = Callable[[tuple[Any, ...], dict[str, Any]], Result]

_SAME = words("""
elu relu leaky_relu gelu silu tanh sigmoid sin cos exp pow neg square abs sqrt rsqrt
reciprocal clamp clamp_min softplus""")
_TWO = ("add", "sub", "mul", "div")


def _as(tensor: Tensor) -> Tensor:
    """Another of the same shape and layout."""
    if tensor.is_contiguous():
        return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")
    return torch.empty_like(tensor)


def _like_first(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """As the first argument, if that is the only tensor and of real numbers."""
    alone = not any(isinstance(argument, Tensor | complex) for argument in args[1:])
    return _as(args[0]) if alone and args[0].is_floating_point() else None


def _of_two(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """As the larger of two tensors of one type, or as the one that a number is combined with."""
    first, second = args[0], args[1]
    if kwargs.get("rounding_mode") or not isinstance(first, Tensor):
        return None
    if not isinstance(second, Tensor):
        return _like_first(args, kwargs)
    if first.dtype != second.dtype or not first.is_floating_point():
        return None
    shape = torch.broadcast_shapes(first.shape, second.shape)  # type: ignore[no-untyped-call]
    for tensor in (first, second):
        if tensor.shape == shape:
            return _as(tensor)
    return first.new_empty(shape)


def _weight_norm(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Direction and length to the weight, and the length of the direction."""
    return _as(args[0]), _as(args[1])


def _added_product(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """``[M, K]`` and ``[K, N]`` to ``[M, N]``, of matching sizes and one type."""
    bias, first, second = args[:3]
    fits = first.shape[1] == second.shape[0] and first.dtype == second.dtype == bias.dtype
    return first.new_empty(first.shape[0], second.shape[1]) if fits else None


ANSWERS: dict[str, Answer] = {
    **{f"aten.{name}": _like_first for name in _SAME},
    **{f"aten.{name}": _of_two for name in _TWO},
    "aten._weight_norm_interface": _weight_norm,
    "aten.addmm": _added_product,
}


def quick_result(operation: Operation) -> Result:
    """What an operation gives on ``meta``, or None where torch has to be asked."""
    args, kwargs = operation.args, operation.kwargs
    answer = ANSWERS.get(operation.name)
    if answer is None or "out" in kwargs:
        return None
    tensors = [argument for argument in args if isinstance(argument, Tensor)]
    if not tensors or not all(tensor.is_meta for tensor in tensors):
        return None
    result = answer(args, kwargs)
    if operation.operator.is_mutable:
        return args[0] if result is not None and result.shape == args[0].shape else None
    return result
