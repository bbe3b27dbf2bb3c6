"""Steps by storage, so that a write through one view is read through every other view.

A storage is known by a live reference to a tensor on it, never by its address alone, which may
be used again after a release.
"""

from __future__ import annotations

from torch import Tensor

from lrac_audit.witness.dependency.operations import Operation, StepsPair
from lrac_audit.witness.dependency.steps import nothing


class UnreadableViewError(Exception):
    """A view that splits the elements of its storage into smaller ones."""


class StorageSteps:
    """The steps of all elements of one storage."""

    def __init__(self, whole: Tensor, steps: StepsPair) -> None:
        """``whole`` is the tensor that the storage was made for."""
        self.writers: list[Operation] = []
        """The operations that wrote to it, in order."""
        self._whole, self._steps = whole.detach(), steps  # its shape may be changed in place
        self._cells: list[Tensor] | None = None
        self._cell_bytes = whole.element_size() // (2 if whole.is_complex() else 1)

    def read(self, view: Tensor) -> StepsPair:
        """Return the steps of a tensor on this storage."""
        return StepsPair(*(self._on(cells, view).amax(-1) for cells in self._dense()))

    def strided(self, size: list[int], stride: list[int], offset: int, like: Tensor) -> StepsPair:
        """Return the steps of the view that ``as_strided`` makes of ``like``."""
        return self.read(like.as_strided(size, stride, offset))

    @property
    def version(self) -> int:
        """Number of writes so far."""
        return len(self.writers)

    def write(self, view: Tensor, steps: StepsPair, writer: Operation) -> None:
        """Set the steps of a tensor on this storage."""
        self.writers.append(writer)
        if self._covers(view):
            self._steps, self._cells = steps, None
            return
        for cells, new in zip(self._dense(), steps, strict=True):
            self._on(cells, view).copy_(new.unsqueeze(-1))

    def _covers(self, view: Tensor) -> bool:
        whole = self._whole
        same = view.shape == whole.shape and view.stride() == whole.stride()
        nbytes = whole.numel() * whole.element_size()
        return same and view.dtype == whole.dtype and nbytes == whole.untyped_storage().nbytes()

    def _dense(self) -> list[Tensor]:
        """Return one array over the storage for each of the two kinds of steps."""
        if self._cells is None:
            count = self._whole.untyped_storage().nbytes() // self._cell_bytes
            self._cells = [nothing(count) for _ in self._steps]
            for cells, steps in zip(self._cells, self._steps, strict=True):
                self._on(cells, self._whole).copy_(steps.unsqueeze(-1))
        return self._cells

    def _on(self, cells: Tensor, view: Tensor) -> Tensor:
        """Return the cells that ``view`` stands on, with the cells of an element on a last axis."""
        per_element = view.element_size() // self._cell_bytes
        if per_element < 1:
            raise UnreadableViewError
        strides = [stride * per_element for stride in view.stride()]
        return cells.as_strided(
            [*view.shape, per_element], [*strides, 1], view.storage_offset() * per_element
        )
