"""Run an operator for the shapes of its results, or for their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.known_tensors import KnownTensors
from lrac_audit.witness.dispatch import map_tensors


class NeedsValues(Exception):  # noqa: N818 (no error: a run on values follows)
    """A run on shapes alone met an operator that needs the values of the signal."""

    def __init__(self, func: Any, module_path: str) -> None:
        place = f" in {module_path}" if module_path else ""
        super().__init__(f"{func}{place} reads values that depend on the input")


def shapes_of(tensors: Iterable[Tensor]) -> list[tuple[int, ...]]:
    """Return the shapes of tensors."""
    return [tuple(tensor.shape) for tensor in tensors]


def result_of(
    func: Any, args: Any, kwargs: Any, known: KnownTensors, real_values: bool, path: str = ""
) -> Any:
    """Return the result on real values, or on the device ``meta``."""
    if real_values:
        args, kwargs = map_tensors(known.values, (args, kwargs))
        return func(*args, **kwargs)
    empty_args, empty_kwargs = map_tensors(lambda t: _without_values(t, known), (args, kwargs))
    if "device" in kwargs or _takes_device(func):
        empty_kwargs["device"] = torch.device("meta")
    try:
        return func(*empty_args, **empty_kwargs)
    except NotImplementedError:
        return _by_zeros(func, args, kwargs)
    except RuntimeError as error:
        try:
            return _by_zeros(func, args, kwargs)
        except RuntimeError:
            raise error from None


def _takes_device(func: Any) -> bool:
    return any(argument.name == "device" for argument in func._schema.arguments)


def _without_values(tensor: Tensor, known: KnownTensors) -> Tensor:
    values = known.values(tensor)
    if values.is_meta:
        return values
    return torch.empty_strided(values.shape, values.stride(), dtype=values.dtype, device="meta")


def _by_zeros(func: Any, args: Any, kwargs: Any) -> Any:
    """Return the result on meta by running on zeros, for operators without a meta kernel."""

    def zeros(tensor: Tensor) -> Tensor:
        return torch.zeros(tensor.shape, dtype=tensor.dtype)

    args, kwargs = map_tensors(zeros, (args, kwargs))
    return map_tensors(lambda tensor: tensor.to("meta"), func(*args, **kwargs))
