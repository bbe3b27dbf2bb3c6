"""Run an operator: without values where it must be, and with values where they are known.

In a run without values, the constants that masks are made of keep theirs; so an operator on such
constants alone is computed twice, on ``meta`` and with values.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from math import prod
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dispatch import map_tensors, without_values
from lrac_audit.witness.trace.meta_results import quick_meta_result
from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.provenance import VALUE_LIMIT


def run_operator(call: OperatorCall, value: Any) -> Any:
    """Return the result of a call; ``value`` is what :func:`known_value` returned for it."""
    if value is not None and not isinstance(value, Tensor | list | tuple):
        return value
    result = quick_meta_result(call) if value is None else _known_result(call, value)
    return _run_by_torch(call, value) if result is None else result


def _known_result(call: OperatorCall, value: Any) -> Any:
    """Return ``value`` without its values; None where the result may share memory."""
    is_new = call.operator.is_fresh and call.tensors
    return without_values(value) if is_new else None


def _run_by_torch(call: OperatorCall, value: Any) -> Any:
    """Return the result that torch computes."""
    func, args, kwargs = call.func, call.args, call.kwargs
    try:
        if call.name == "aten.convolution":
            return _convolved_quickly(func, args, kwargs)
        return func(*args, **kwargs)
    except (RuntimeError, NotImplementedError):
        if value is not None:
            return without_values(value)
        if {tensor.is_meta for tensor in call.tensors} != {True, False}:
            raise
    return func(*without_values(args), **without_values(kwargs))


def _convolved_quickly(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a convolution by oneDNN, which is off otherwise, as it hides operators of LSTMs."""
    enabled = torch._C._get_mkldnn_enabled()
    torch._C._set_mkldnn_enabled(True)
    try:
        return func(*args, **kwargs)
    finally:
        torch._C._set_mkldnn_enabled(enabled)


def known_value(call: OperatorCall) -> Any:
    """Return the result of an operator on known constants alone, in a run without values.

    None where an input is not known, or where the result is computed with values anyway.
    """
    if call.operator.is_random:
        return None
    if call.makes_constant and any(tensor.is_meta for tensor in call.tensors):
        return _made_of_shapes(call)
    if not all(
        provenance.constant and provenance.value is not None for provenance in call.provenances
    ):
        return None
    if call.tensors and not any(tensor.is_meta for tensor in call.tensors):
        return None  # it is computed anyway
    if not call.tensors and not _is_small_factory(call):
        return None
    if _spread_values(call) > VALUE_LIMIT:
        return None
    return _computed(call)


def _made_of_shapes(call: OperatorCall) -> Any:
    """Return the result of an operator that reads only the shapes of its inputs."""
    if "empty" in call.name or max(tensor.numel() for tensor in call.tensors) > VALUE_LIMIT:
        return None
    known = {id(tensor): torch.empty(tensor.shape, dtype=tensor.dtype) for tensor in call.tensors}
    return _with_values(call, known)


def _computed(call: OperatorCall) -> Any:
    """Return the result of the operator on the values of its constants."""
    pairs = zip(call.tensors, call.provenances, strict=True)
    return _with_values(call, {id(tensor): provenance.value for tensor, provenance in pairs})


def _with_values(call: OperatorCall, known: Mapping[int, Tensor | None]) -> Any:
    """Return the result of the operator on other tensors, by the id of those that it is given."""
    args, kwargs = map_tensors(lambda x: known[id(x)], (call.args, call.kwargs))
    if isinstance(kwargs.get("device"), torch.device) and kwargs["device"].type == "meta":
        kwargs["device"] = torch.device("cpu")
    return call.func(*args, **kwargs)


def _spread_values(call: OperatorCall) -> int:
    """Return how many values the inputs have when they are spread against each other."""
    by_axis = zip_longest(*(reversed(tensor.shape) for tensor in call.tensors), fillvalue=1)
    return prod(max(sizes) for sizes in by_axis)


def _is_small_factory(call: OperatorCall) -> bool:
    """Return whether an operator without tensors makes one small enough to be kept."""
    args = call.args
    sizes = args[0] if args and isinstance(args[0], list | tuple) else ()
    total = 1
    for size in sizes:
        total *= size if isinstance(size, int) else 1
    return total <= VALUE_LIMIT and "empty" not in call.name
