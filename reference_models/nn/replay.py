"""Equal frames: one is recorded, and run again for those after it.

A frame takes some hundred operations on a few values each. To find them (which layer is next, what
view of which weight it multiplies, where the result is put) takes longer than to compute them.
Once a stream has settled, all of that is the same for every frame of the same length, so it is
found once::

    frame 1   leaves every tensor of the state where it was: the stream has settled
    frame 2   is recorded while it runs
    frame 3   is put where frame 2 was, and the recorded operations run again
    ...       until a frame has another length, the stream ends, or a weight is no longer the same

The layers know nothing of it, and there is no other description of what they compute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from reference_models.nn.buffer_reuse import reuse_buffers
from reference_models.nn.recording import Call, OperationRecorder
from reference_models.nn.streaming import States, places

RECORDED_FRAMES = 4
"""Up to this many frames at once are recorded: whatever they compute stays in memory."""

Step = Callable[[Tensor], Tensor]
"""What comes out of the stream for what goes in, ``[.., .., T]``."""
Kind = tuple[torch.Size, torch.dtype, torch.device]
"""Inputs of one kind take the same operations, if the state is of one kind too."""


class Weights:
    """The parameters and buffers of modules, to see whether they still are as they were."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        owners = [owner for module in modules for owner in (module._parameters, module._buffers)]
        self._places = [
            (owner, name) for owner in owners for name, value in owner.items() if value is not None
        ]
        # They are held, so that no other tensor takes their place in memory.
        self._held = self._tensors()
        self._marks = _marks(self._held)

    def same(self) -> bool:
        """Whether none was trained, loaded, replaced or moved."""
        return _marks(self._tensors()) == self._marks

    def _tensors(self) -> list[Tensor]:
        return [owner[name] for owner, name in self._places]  # type: ignore[misc]


def _marks(tensors: list[Tensor]) -> tuple[list[int], list[int]]:
    """Where they lie, and how often they were written to, where torch counts that."""
    versions = [tensor._version for tensor in tensors if not tensor.is_inference()]
    return [tensor.data_ptr() for tensor in tensors], versions


class Recording(NamedTuple):
    """A frame, and what was done with it."""

    kind: Kind
    weights: Weights
    x: Tensor
    """The input, overwritten by later ones."""
    y: Tensor
    """The output, likewise."""
    calls: list[Call]

    def run(self, x: Tensor) -> Tensor:
        """The output for ``x``; the state goes on as if the frame had taken its step."""
        self.x.copy_(x)
        for call in self.calls:
            call()
        return self.y.clone()


class FrameReplay:
    """Runs what comes into a stream, and what is like what came before by its recording."""

    def __init__(self, state: States, modules: Iterable[nn.Module], longest: int) -> None:
        """``modules`` hold all weights; inputs of more steps than ``longest`` are not recorded."""
        self._places = list(places(state))
        self._modules = list(modules)
        self._longest = longest
        self._settled: Kind | None = None
        """Of the last input, if it left the state in its place."""
        self._recording: Recording | None = None

    def run(self, step: Step, x: Tensor) -> Tensor:
        """The output of ``step`` for ``x``."""
        if not x.shape[2]:
            return step(x)
        kind, recording = (x.shape, x.dtype, x.device), self._recording
        if recording is not None and recording.kind == kind and recording.weights.same():
            return recording.run(x)
        return self._run_anew(step, x, kind)

    def _run_anew(self, step: Step, x: Tensor, kind: Kind) -> Tensor:
        before = self._state()
        if kind == self._settled:
            y, recording = self._record(step, x, kind)
        else:
            y, recording = step(x), None
        settled = x.shape[2] <= self._longest and _in_place(before, self._state())
        self._settled = kind if settled else None
        self._recording = recording if settled else None
        return y

    def _record(self, step: Step, x: Tensor, kind: Kind) -> tuple[Tensor, Recording]:
        x = x.clone()
        state = [value for value in self._state() if isinstance(value, Tensor)]
        with OperationRecorder([x, *state]) as recorder:
            y = step(x)
        now = y.clone()
        reuse_buffers(recorder.operations, y)
        calls = [operation.again() for operation in recorder.operations]
        return now, Recording(kind, Weights(self._modules), x, y, calls)

    def _state(self) -> list[object]:
        """All tensors and numbers of the state, always in the same order."""
        return [getattr(owner, name) for owner, name in self._places]


def _in_place(before: Iterable[object], after: Iterable[object]) -> bool:
    """Whether each tensor of a state is the same object, and each number the same."""
    return all(
        old is new if isinstance(old, Tensor) else old == new
        for old, new in zip(before, after, strict=True)
    )
