"""A tensor that carries the input steps it can depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.dependency.operations import Operation, StepsPair
from lrac_audit.witness.dependency.storage import StorageSteps
from lrac_audit.witness.dispatch import tensors_in

Dispatch = Callable[..., Any]
"""Runs an operator on dependent tensors; takes the arguments of ``__torch_dispatch__``."""


class DependentTensor(Tensor):
    """A tensor of a traced run. It claims to be on the CPU, so that masks made for it have values.

    ``raw`` has its shape, strides and dtype, on the device ``meta`` unless values are needed.
    """

    raw: Tensor
    operation: Operation
    storage_steps: StorageSteps
    dispatch: Dispatch

    @staticmethod
    def __new__(
        cls: type[DependentTensor],
        values: Tensor,
        steps: StepsPair,
        operation: Operation,
        dispatch: Dispatch,
        storage_steps: StorageSteps | None = None,
    ) -> DependentTensor:
        """Return a tensor; a view comes with the ``storage_steps`` of what it views."""
        with torch.inference_mode(False):  # torch takes no view of one made in inference mode
            made: DependentTensor = torch.Tensor._make_wrapper_subclass(
                cls,
                values.size(),
                strides=values.stride(),
                storage_offset=values.storage_offset(),
                dtype=values.dtype,
                layout=values.layout,
                device=torch.device("cpu"),
            )
        made.raw, made.operation, made.dispatch = values, operation, dispatch
        made.storage_steps = storage_steps or StorageSteps(values, steps)
        made._steps, made._writes_seen = steps, made.storage_steps.version
        made._made_at = made._writes_seen
        return made

    def __init__(self, *_: Any, **__: Any) -> None:
        """Do nothing: everything is set when it is made."""

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operator outside the mode: in another thread, or inside another mode."""
        kwargs = kwargs or {}
        found = next(t for t in tensors_in((args, kwargs)) if isinstance(t, DependentTensor))
        return found.dispatch(func, types, args, kwargs)

    _steps: StepsPair
    _writes_seen: int
    """Writes to its storage that ``_steps`` takes into account."""
    _made_at: int
    """Writes to its storage before ``operation``."""

    @property
    def sources(self) -> tuple[Operation, ...]:
        """The operation that made it, and those that wrote to its storage since."""
        return (self.operation, *self.storage_steps.writers[self._made_at :])

    @property
    def steps(self) -> StepsPair:
        """The steps of its elements, after all writes to its storage so far."""
        if self._writes_seen != self.storage_steps.version:
            self._steps = self.storage_steps.read(self.raw).expanded(self.raw.shape)
            self._writes_seen = self.storage_steps.version
        return self._steps

    def write(self, steps: StepsPair, operation: Operation) -> None:
        """Set the steps of its elements, as ``operation`` writes to them in place."""
        self.storage_steps.write(self.raw, steps, operation)
        self._steps, self._writes_seen = steps, self.storage_steps.version
        self.operation, self._made_at = operation, self._writes_seen

    def take_shape(self, steps: StepsPair) -> None:
        """Take new steps after its shape or strides have changed in place."""
        self._steps, self._writes_seen = steps, self.storage_steps.version

    def __repr__(self) -> str:  # type: ignore[override]
        return f"DependentTensor(shape={tuple(self.shape)}, dtype={self.dtype})"
