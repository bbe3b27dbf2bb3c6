"""Find tensors that come into a run from somewhere that nothing has recorded.

A tensor may have been there before the run, as a table of the user's module: then the same memory
comes in again in every run. An array of Python is memory that torch cannot resize, and would hold
the signal only if that had left, which is logged for itself. Any other tensor was made by torch
during the run, by no operator that was seen: in another thread, or by compiled code.
"""

from __future__ import annotations

from torch import Tensor

from lrac_audit.witness.torch_versions import is_resizable


class Arrivals:
    """The tensors without a recorded origin, over all runs of a model."""

    def __init__(self) -> None:
        self._finished_runs = 0
        self._first_seen: dict[int, int] = {}
        """Runs that had finished when it came in first, by address of its memory."""
        self._kept: list[Tensor] = []
        """Kept, so that the address of their memory is not given to another tensor."""

    def finish_run(self) -> None:
        """Note that a run has come to its end, and so has used what it uses."""
        self._finished_runs += 1

    def is_new(self, tensor: Tensor) -> bool:
        """Return whether ``tensor`` was made in this run; in the first run nobody can tell."""
        memory = tensor.untyped_storage()
        first_seen = self._first_seen.setdefault(memory._cdata, self._finished_runs)
        self._kept.append(tensor)
        return first_seen == self._finished_runs > 0 and is_resizable(memory)
