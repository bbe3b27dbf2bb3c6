"""Track which module is running, and take the values out of a model's tensors.

A target is callables over modules that nobody can exchange from outside, so no copy is run: the
modules themselves get tensors of the device ``meta`` for a while, which have shapes and no values.
(Copies would not be seen by the callables; torch's fake tensors would, but take a millisecond an
operation.) Afterwards every attribute is as it was, caches filled on the way included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lrac_audit.witness.dispatch import tensors_in

SMALL_BUFFER_VALUES = 1 << 16
"""Tensors of up to this many values keep them in a run without values: tables of positions,
lengths, flags, biases."""

MASK_VALUES = 1 << 22
"""Masks of up to this many values keep them, too."""
EXCLUDING = -80.0
"""No weight is as low as what a mask adds to a score that it excludes."""


class StoredTensor(NamedTuple):
    """A parameter or buffer of the model."""

    path: str
    """Path of the module that holds it, without its parametrisations."""
    values: int
    """Number of values that a deployed model keeps: the lengths that weight norm stores separately
    are folded in."""
    is_buffer: bool
    small: Tensor | None
    """A copy of a small tensor, or of a mask, with its values."""

    def with_own_values(self) -> StoredTensor:
        """Return the same tensor, a buffer with a copy of its values, which a run may change."""
        if self.small is None or not self.is_buffer:
            return self
        return self._replace(small=self.small.clone())


class RunningModules:
    """The modules that are running with their paths, innermost last."""

    def __init__(self) -> None:
        self.stack: list[tuple[str, nn.Module]] = []

    def wrapped(self, path: str, module: nn.Module) -> Callable[..., Any]:
        """Return ``module.forward``, wrapped to put its path on the stack while it runs."""
        forward = module.forward

        @wraps(forward)
        def run(*args: Any, **kwargs: Any) -> Any:
            self.stack.append((path, module))
            try:
                return forward(*args, **kwargs)
            finally:
                self.stack.pop()

        return run


def track_modules(root: nn.Module) -> RunningModules:
    """Make the modules of ``root`` report when they run, however ``forward`` is called."""
    paths = RunningModules()
    for path, module in root.named_modules():
        with suppress(AttributeError, RuntimeError, TypeError):  # compiled modules cannot
            module.forward = paths.wrapped(path, module)
    return paths


def stored_tensors(root: nn.Module, on_meta: bool) -> dict[int, StoredTensor]:
    """Return the tensors that ``root`` holds, by id; ``on_meta`` takes their values out."""
    found: dict[int, StoredTensor] = {}
    exchanged: dict[int, Tensor] = {}
    for path, module in root.named_modules():
        owner = path.split(".parametrizations.", 1)[0]
        for group in (module._parameters, module._buffers):
            for name, tensor in group.items():
                if tensor is not None:
                    is_buffer = group is module._buffers
                    now = _exchange(tensor, exchanged) if on_meta else tensor
                    group[name] = now
                    length = _is_length(name, group)
                    _enter(found, now, tensor, owner, is_buffer, 0 if length else tensor.numel())
        for name, value in list(vars(module).items()):
            if name not in ("_parameters", "_buffers", "_modules"):
                now_value = _exchanged_value(value, exchanged) if on_meta else value
                if now_value is not value:
                    vars(module)[name] = now_value
                for now, tensor in zip(tensors_in(now_value), tensors_in(value), strict=True):
                    _enter(found, now, tensor, owner, True, tensor.numel())
    return found


def _is_length(name: str, group: Mapping[str, Any]) -> bool:
    """Return whether this is the length of a direction, stored by weight norm of either style."""
    if name == "original0":
        return "original1" in group
    return name.endswith("_g") and f"{name[:-2]}_v" in group


def _enter(
    found: dict[int, StoredTensor],
    now: Tensor,
    before: Tensor,
    owner: str,
    is_buffer: bool,
    values: int,
) -> None:
    """Enter a tensor once: the first module that holds it is its owner."""
    if id(now) in found:
        return
    keep = not before.is_meta and (before.numel() <= SMALL_BUFFER_VALUES or _can_be_mask(before))
    small = before.detach().clone() if keep else None
    found[id(now)] = StoredTensor(owner, values, is_buffer, small)


def _can_be_mask(tensor: Tensor) -> bool:
    """Return whether a large tensor is a mask of attention."""
    if tensor.numel() > MASK_VALUES or tensor.dim() < 2 or tensor.is_complex():
        return False
    is_square = tensor.shape[-1] == tensor.shape[-2] and bool((tensor == 0).any())
    return tensor.dtype == torch.bool or is_square or float(tensor.min()) < EXCLUDING


def _exchange(tensor: Tensor, exchanged: dict[int, Tensor]) -> Tensor:
    """Return the same tensor without values; one shared tensor stays one."""
    if id(tensor) not in exchanged:
        empty = tensor.detach().to("meta")
        if isinstance(tensor, nn.Parameter):
            empty = nn.Parameter(empty, requires_grad=False)
        exchanged[id(tensor)] = empty
    return exchanged[id(tensor)]


def _exchanged_value(value: Any, exchanged: dict[int, Tensor]) -> Any:
    """Return plain containers with the tensors in them exchanged; anything else as it is."""
    if isinstance(value, Tensor):
        return _exchange(value, exchanged)
    if type(value) not in (list, tuple, dict) or not any(True for _ in tensors_in(value)):
        return value
    if type(value) is dict:
        return {key: _exchanged_value(item, exchanged) for key, item in value.items()}
    return type(value)(_exchanged_value(item, exchanged) for item in value)
