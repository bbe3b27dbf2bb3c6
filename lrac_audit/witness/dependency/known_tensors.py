"""The tensors of a run: their steps, their values and the operations that made them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from lrac_audit.witness.dependency.operations import Operation, StepsPair
from lrac_audit.witness.dependency.operators import OperatorCall
from lrac_audit.witness.dependency.steps import constant_steps, nothing
from lrac_audit.witness.dependency.storage import StorageSteps
from lrac_audit.witness.dependency.tensor import DependentTensor, Dispatch


class KnownTensors:
    """All tensors of a run: the dependent ones, and constants that were written to."""

    def __init__(self, dispatch: Dispatch) -> None:
        """``dispatch`` runs operators on dependent tensors where no mode is active."""
        self._dispatch = dispatch
        self._written: dict[int, StorageSteps] = {}
        """The constants, such as buffers, into which something dependent was written. They keep the
        storages alive, so that an address stays its own."""

    def depends(self, tensor: Tensor) -> bool:
        """Return whether the values of ``tensor`` depend on the input, or could."""
        return isinstance(tensor, DependentTensor) or self._constant(tensor) is not None

    def steps(self, tensor: Tensor, kind: int) -> Tensor:
        """Return its latest steps for ``kind`` 0, the negated earliest for 1."""
        if isinstance(tensor, DependentTensor):
            return tensor.steps[kind]
        written = self._constant(tensor)
        if written is None:
            return constant_steps(tensor)
        return written.read(tensor)[kind].expand(tensor.shape)

    def strided(self, tensor: Tensor, view: tuple[Any, ...], kind: int) -> Tensor:
        """Return the steps of what ``as_strided`` makes of ``tensor``."""
        size, stride, offset = view
        values = self.values(tensor)
        start = int(values.storage_offset()) if offset is None else offset
        if isinstance(tensor, DependentTensor):
            return tensor.storage_steps.strided(size, stride, start, values)[kind]
        return self.steps(values.as_strided(size, stride, start), kind)

    def values(self, tensor: Tensor) -> Tensor:
        """Return the tensor behind a dependent one; a constant is its own."""
        return tensor.raw if isinstance(tensor, DependentTensor) else tensor

    def sources(self, tensors: Iterable[Tensor]) -> tuple[Operation, ...]:
        """Return the operations that made those of ``tensors`` that depend on the input."""
        found: list[Operation] = []
        for tensor in tensors:
            if isinstance(tensor, DependentTensor):
                found += tensor.sources
            elif (written := self._constant(tensor)) is not None:
                found += written.writers
        return tuple(dict.fromkeys(found))

    def make(
        self, values: Tensor, steps: StepsPair, operation: Operation, call: OperatorCall
    ) -> Tensor:
        """Return a result of a call; a view stands on the storage of one of its inputs."""
        storage_steps = None
        if call.operator.is_view:
            for tensor in call.tensors:
                if isinstance(tensor, DependentTensor) and _shares_storage(tensor.raw, values):
                    storage_steps = tensor.storage_steps
        return DependentTensor(values, steps, operation, self._dispatch, storage_steps)

    def input(self, values: Tensor, steps: StepsPair, operation: Operation) -> Tensor:
        """Return the input of the run."""
        return DependentTensor(values, steps, operation, self._dispatch)

    def write(self, target: Tensor, steps: StepsPair, operation: Operation) -> None:
        """Set the steps of a tensor that an operation writes to in place."""
        if isinstance(target, DependentTensor):
            target.write(steps, operation)
            return
        address = _address(target)
        if address not in self._written:
            none = nothing().expand(target.shape)
            self._written[address] = StorageSteps(target, StepsPair(none, none))
        self._written[address].write(target, steps, operation)

    def _constant(self, tensor: Tensor) -> StorageSteps | None:
        return self._written.get(_address(tensor)) if self._written else None


def _shares_storage(one: Tensor, other: Tensor) -> bool:
    return _address(one) == _address(other)


def _address(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
