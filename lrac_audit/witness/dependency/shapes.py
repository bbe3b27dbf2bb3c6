"""Run an operator for the shapes of its results, or for their values."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.known_tensors import KnownTensors
from lrac_audit.witness.dependency.operators import OperatorCall
from lrac_audit.witness.dispatch import map_tensors


class NeedsValues(Exception):  # noqa: N818 (no error: a run on values follows)
    """A run on shapes alone met an operator that needs the values of the signal."""

    def __init__(self, func: Any, module_path: str) -> None:
        place = f" in {module_path}" if module_path else ""
        super().__init__(f"{func}{place} reads values that depend on the input")


def result_of(call: OperatorCall, known: KnownTensors, real_values: bool) -> Any:
    """Return the result on real values, or on the device ``meta``."""
    if real_values:
        args, kwargs = map_tensors(known.values, (call.args, call.kwargs))
        return call.func(*args, **kwargs)
    args, kwargs = map_tensors(lambda t: _without_values(known.values(t)), (call.args, call.kwargs))
    if "device" in call.arguments:
        kwargs["device"] = torch.device("meta")
    if "generator" in kwargs:
        kwargs["generator"] = None  # no shape depends on it, and older torch refuses it on meta
    try:
        return call.func(*args, **kwargs)
    except (NotImplementedError, RuntimeError) as error:
        try:
            return _by_zeros(call)
        except RuntimeError:
            raise error from None


def _without_values(tensor: Tensor) -> Tensor:
    if tensor.is_meta:
        return tensor
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")


def _by_zeros(call: OperatorCall) -> Any:
    """Return the result on meta by running on zeros, for operators without a meta kernel."""

    def zeros(tensor: Tensor) -> Tensor:
        return torch.zeros(tensor.shape, dtype=tensor.dtype)

    args, kwargs = map_tensors(zeros, (call.args, call.kwargs))
    return map_tensors(lambda tensor: tensor.to("meta"), call.func(*args, **kwargs))
