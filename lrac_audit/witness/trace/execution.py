"""Runs an operator: without values where it must be, and with them where they are known.

In a run without values the constants that masks are made of keep theirs, so an operator on such
constants alone is computed twice: on ``meta``, and for real.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dispatch import mapped, without_values
from lrac_audit.witness.trace.meta_results import quick_result
from lrac_audit.witness.trace.operator_call import Operation
from lrac_audit.witness.trace.provenance import VALUE_LIMIT


def run(operation: Operation, value: Any) -> Any:
    """The result; ``value`` is what :func:`known_value` gave."""
    if value is not None and not isinstance(value, Tensor | list | tuple):
        return value
    result = quick_result(operation) if value is None else _known_result(operation, value)
    return _asked(operation, value) if result is None else result


def _known_result(operation: Operation, value: Any) -> Any:
    """``value`` as a run without values has it; None where the result may share memory."""
    is_new = operation.operator.is_fresh and operation.tensors
    return without_values(value) if is_new else None


def _asked(operation: Operation, value: Any) -> Any:
    """What torch says."""
    func, args, kwargs = operation.func, operation.args, operation.kwargs
    try:
        return func(*args, **kwargs)
    except (RuntimeError, NotImplementedError):
        if value is not None:
            return without_values(value)
        if {tensor.is_meta for tensor in operation.tensors} != {True, False}:
            raise
    return func(*without_values(args), **without_values(kwargs))


def known_value(operation: Operation) -> Any:
    """What an operator gives that is run without values on known constants alone; else None."""
    if operation.operator.is_random:
        return None
    if not all(trail.constant and trail.value is not None for trail in operation.trails):
        return None
    if operation.tensors and not any(tensor.is_meta for tensor in operation.tensors):
        return None  # it is computed anyway
    if not operation.tensors and not _is_small_factory(operation):
        return None
    return _computed(operation)


def _computed(operation: Operation) -> Any:
    """The operator on the values of its constants."""
    pairs = zip(operation.tensors, operation.trails, strict=True)
    known = {id(tensor): trail.value for tensor, trail in pairs}
    args, kwargs = mapped(lambda x: known[id(x)], (operation.args, operation.kwargs))
    if isinstance(kwargs.get("device"), torch.device) and kwargs["device"].type == "meta":
        kwargs["device"] = torch.device("cpu")
    return operation.func(*args, **kwargs)


def _is_small_factory(operation: Operation) -> bool:
    """Whether an operator without tensors makes one that is worth knowing."""
    args = operation.args
    sizes = args[0] if args and isinstance(args[0], list | tuple) else ()
    total = 1
    for size in sizes:
        total *= size if isinstance(size, int) else 1
    return total <= VALUE_LIMIT and "empty" not in operation.name
