"""Find tensors that come into a run from somewhere that nothing has recorded.

A tensor may have been there before the run, as a table of the user's module: then the same memory
comes in again in every run. What is made of numbers or arrays of Python comes from outside torch,
and would hold the signal only if that had left, which is logged for itself. Any other tensor is
new, made by torch and by no operator that was seen: in another thread, or by compiled code.
"""

from __future__ import annotations

from torch import Tensor


class Arrivals:
    """The tensors without a recorded origin, over all runs of a model."""

    def __init__(self) -> None:
        self._runs = 0
        self._first_run_of: dict[int, int] = {}
        self._kept: list[Tensor] = []
        """Kept, so that the address of their memory is not given to another tensor."""

    def begin_run(self) -> None:
        """Begin another run."""
        self._runs += 1

    def is_new(self, tensor: Tensor) -> bool:
        """Return whether ``tensor`` was made in this run; in the first run nobody can tell."""
        memory = tensor.untyped_storage()
        first = self._first_run_of.setdefault(memory._cdata, self._runs)
        self._kept.append(tensor)
        made_by_torch = memory.resizable()
        return first == self._runs > 1 and made_by_torch
