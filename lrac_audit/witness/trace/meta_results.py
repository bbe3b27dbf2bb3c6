"""Compute result shapes on ``meta`` quickly, for the operators that codecs call most.

On the device ``meta`` torch finds the shapes of many results by Python code that takes milliseconds
a call, and imports its compiler at the first one, which takes seconds. For these operators the
shape follows from a simple rule; with these rules the trace of a large codec is several times
faster. A rule returns None where the case is not simple, and torch is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.trace.formulas.formula_table import words
from lrac_audit.witness.trace.operator_call import OperatorCall

Result = Any
ShapeRule = Callable[[tuple[Any, ...], dict[str, Any]], Result]

_SAME = words("""
elu relu leaky_relu gelu silu tanh sigmoid sin cos exp pow neg square abs sqrt rsqrt
reciprocal clamp clamp_min softplus""")
_TWO = ("add", "sub", "mul", "div")


def _as(tensor: Tensor) -> Tensor:
    """Return a new tensor of the same shape and layout."""
    strides = tensor.stride()
    outer_first = sorted(range(tensor.dim()), key=lambda axis: -strides[axis])
    if tensor.is_contiguous() or tensor.permute(outer_first).is_contiguous():
        return torch.empty_strided(tensor.shape, strides, dtype=tensor.dtype, device="meta")
    return torch.empty_like(tensor)


def _like_first(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return a result like the first argument, if that is the only tensor and of real numbers."""
    alone = not any(isinstance(argument, Tensor | complex) for argument in args[1:])
    return _as(args[0]) if alone and args[0].is_floating_point() else None


def _of_two(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """Return a result like the larger of two tensors of one type, or of a tensor and a number."""
    first, second = args[0], args[1]
    if kwargs.get("rounding_mode") or not isinstance(first, Tensor):
        return None
    if not isinstance(second, Tensor):
        return _like_first(args, kwargs)
    if first.dtype != second.dtype or not first.is_floating_point():
        return None
    shape = _broadcast(first.shape, second.shape)
    if shape is None:
        return None
    for tensor in (first, second):
        if tensor.shape == shape:
            return _as(tensor)
    return first.new_empty(shape)


def _broadcast(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...] | None:
    """Return the broadcast shape of two; torch's own function for it imports its compiler."""
    pairs = list(zip_longest(reversed(first), reversed(second), fillvalue=1))
    if not all(a == b or 1 in (a, b) for a, b in pairs):
        return None
    return tuple(b if a == 1 else a for a, b in reversed(pairs))


def _weight_norm(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return the weight and the norm of its direction, from direction and length."""
    return _as(args[0]), _as(args[1])


def _added_product(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return ``[M, N]`` for ``[M, K]`` and ``[K, N]`` of matching sizes and one type."""
    bias, first, second = args[:3]
    fits = first.shape[1] == second.shape[0] and first.dtype == second.dtype == bias.dtype
    return first.new_empty(first.shape[0], second.shape[1]) if fits else None


def _joined(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """Return tensors ``[A, B]`` or ``[A, B, C]`` of one type concatenated along one axis."""
    first, axis = args[0][0], _axis(args, kwargs)
    if first.dim() not in (2, 3):  # torch drops empty ones, and lays out four axes in another way
        return None
    if any(x.dim() != first.dim() for x in args[0]):
        return None
    if len({(x.dtype, _without(x.shape, axis)) for x in args[0]}) > 1:
        return None
    shape = list(first.shape)
    shape[axis] = sum(x.shape[axis] for x in args[0])
    return first.new_empty(shape)


def _stacked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """Return tensors of one type and shape stacked along a new axis."""
    first, axis = args[0][0], _axis(args, kwargs)
    if first.dim() > 2 or len({(x.dtype, x.shape) for x in args[0]}) > 1:
        return None
    shape = list(first.shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, len(args[0]))
    return first.new_empty(shape)


def _chosen(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """Return the indices of the least or greatest along an axis, which is then gone."""
    if len(args) != 2 or args[1] is None or kwargs or args[0].dim() < 2:
        return None
    shape = _without(args[0].shape, args[1])
    return args[0].new_empty(shape, dtype=torch.int64) if args[0].numel() else None


def _norm(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """Return the norms of real vectors along one axis."""
    axes = args[2] if len(args) > 2 else kwargs.get("dim")
    if not axes or len(axes) != 1 or kwargs.get("dtype") or not args[0].is_floating_point():
        return None
    shape = list(args[0].shape)
    shape[axes[0]] = 1
    keeps = args[3] if len(args) > 3 else kwargs.get("keepdim", False)
    return args[0].new_empty(shape if keeps else _without(shape, axes[0]))


def _distances(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return the distances ``[*B, M, N]`` of vectors ``[*B, M, D]`` and ``[*B, N, D]``."""
    first, second = args[:2]
    fits = first.dim() >= 2 and first.dtype == second.dtype and first.numel() and second.numel()
    alike = (*first.shape[:-2], first.shape[-1]) == (*second.shape[:-2], second.shape[-1])
    return first.new_empty(*first.shape[:-1], second.shape[-2]) if fits and alike else None


def _layer_norm(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return the normalised values, and the mean and the scale of each vector of the last axes."""
    x, sizes, weight, bias = args[:4]
    others = [tensor for tensor in (weight, bias) if tensor is not None]
    if not x.numel() or x.dtype != torch.float32:
        return None
    if list(x.shape[-len(sizes) :]) != list(sizes) or not len(sizes):
        return None
    if any(list(y.shape) != list(sizes) or y.dtype != x.dtype for y in others):
        return None
    shape = (*x.shape[: -len(sizes)], *(1 for _ in sizes))
    return x.new_empty(x.shape), x.new_empty(shape), x.new_empty(shape)


def _softmax(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """Return weights like the contiguous scores."""
    is_simple = len(args) == 2 and not kwargs.get("dtype")
    return _as(args[0]) if is_simple and args[0].is_contiguous() else None


def _looked_up(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return a row of the table ``[K, C]`` for each index."""
    table, places = args[:2]
    return table.new_empty((*places.shape, table.shape[1])) if table.dim() == 2 else None


def _axis(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    axis: int = args[1] if len(args) > 1 else kwargs.get("dim", 0)
    return axis


def _without(shape: Sequence[int], axis: int) -> tuple[int, ...]:
    kept = list(shape)
    del kept[axis]
    return tuple(kept)


def _convolved(args: tuple[Any, ...], _: dict[str, Any]) -> Result:
    """Return ``[B, C_out, T']`` for a convolution of ``[B, C_in, T]``, transposed or not."""
    x, weight, _, (stride, *_), (padding, *_), (dilation, *_), transposed, (more, *_), groups = args
    if x.dim() != 3 or weight.dim() != 3 or x.dtype != weight.dtype:
        return None
    into, reach = weight.shape[0 if transposed else 1], dilation * (weight.shape[2] - 1)
    if transposed:
        steps = (x.shape[2] - 1) * stride - 2 * padding + reach + more + 1
        channels = weight.shape[1] * groups
    else:
        steps = (x.shape[2] + 2 * padding - reach - 1) // stride + 1
        channels, into = weight.shape[0], into * groups
    fits = x.shape[1] == into and x.shape[2] and steps > 0 and not channels % groups
    return x.new_empty(x.shape[0], channels, steps) if fits else None


SHAPE_RULES: dict[str, ShapeRule] = {
    **{f"aten.{name}": _like_first for name in _SAME},
    **{f"aten.{name}": _of_two for name in _TWO},
    "aten._euclidean_dist": _distances,
    "aten._safe_softmax": _softmax,
    "aten._weight_norm_interface": _weight_norm,
    "aten.addmm": _added_product,
    "aten.argmax": _chosen,
    "aten.argmin": _chosen,
    "aten.cat": _joined,
    "aten.convolution": _convolved,
    "aten.embedding": _looked_up,
    "aten.linalg_vector_norm": _norm,
    "aten.native_layer_norm": _layer_norm,
    "aten.stack": _stacked,
}


def quick_meta_result(call: OperatorCall) -> Result:
    """Return the result of a call on ``meta``, or None where torch has to be asked."""
    args, kwargs = call.args, call.kwargs
    rule = SHAPE_RULES.get(call.name)
    if rule is None or "out" in kwargs:
        return None
    tensors = call.tensors
    if not tensors or not all(tensor.is_meta for tensor in tensors):
        return None
    result = rule(args, kwargs)
    if call.operator.is_mutable:
        return args[0] if result is not None and result.shape == args[0].shape else None
    return result
