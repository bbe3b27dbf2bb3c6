"""Replay of frames: one frame is recorded, and its operations run again for later ones.

A frame takes some hundred operations on a few values each. Finding them (the next layer, the view
of the weight that it multiplies, the place of the result) takes longer than computing them. Once
a stream has settled, all of that is the same for every frame of the same length, so it is found
once::

    frame 1   leaves every tensor of the state where it was: the stream has settled
    frame 2   is recorded while it runs
    frame 3   is copied to the memory of frame 2, and the recorded operations run again
    ...       until a frame has another length, the stream ends, or a weight is no longer the same

The layers are not aware of it, and there is no second description of their computation.
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
"""Maximum number of frames pushed at once that are recorded: all their results stay in memory."""

Step = Callable[[Tensor], Tensor]
"""Computes the output of the stream for an input, both ``[.., .., T]``."""
Kind = tuple[torch.Size, torch.dtype, torch.device]
"""The kind of an input: inputs of one kind take the same operations in a settled stream."""


class Weights:
    """The parameters and buffers of modules, watched for changes."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        owners = [owner for module in modules for owner in (module._parameters, module._buffers)]
        self._places = [
            (owner, name) for owner in owners for name, value in owner.items() if value is not None
        ]
        # The tensors are held, so that no other tensor takes their place in memory.
        self._held = self._tensors()
        self._marks = _marks(self._held)

    def same(self) -> bool:
        """Return whether no tensor was trained, loaded, replaced or moved."""
        return _marks(self._tensors()) == self._marks

    def _tensors(self) -> list[Tensor]:
        return [owner[name] for owner, name in self._places]  # type: ignore[misc]


def _marks(tensors: list[Tensor]) -> tuple[list[int], list[int]]:
    """Return the address of each tensor, and its version where torch counts writes."""
    versions = [tensor._version for tensor in tensors if not tensor.is_inference()]
    return [tensor.data_ptr() for tensor in tensors], versions


class Recording(NamedTuple):
    """A recorded frame and its operations."""

    kind: Kind
    weights: Weights
    x: Tensor
    """The input, overwritten by later ones."""
    y: Tensor
    """The output, overwritten by later ones."""
    calls: list[Call]

    def run(self, x: Tensor) -> Tensor:
        """Return the output for ``x``, and advance the state as a step of the layers would."""
        self.x.copy_(x)
        for call in self.calls:
            call()
        return self.y.clone()


class FrameReplay:
    """Runs the inputs of a stream, by replay where an input of the same kind was recorded."""

    def __init__(self, state: States, modules: Iterable[nn.Module], longest: int) -> None:
        """Watch ``modules``, which hold all weights; record inputs of at most ``longest`` steps."""
        self._places = list(places(state))
        self._modules = list(modules)
        self._longest = longest
        self._settled: Kind | None = None
        """Kind of the last input, if it left the state in its place; else None."""
        self._recording: Recording | None = None

    def run(self, step: Step, x: Tensor) -> Tensor:
        """Return the output of ``step`` for ``x``."""
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
        """Return all tensors and numbers of the state, always in the same order."""
        return [getattr(owner, name) for owner, name in self._places]


def _in_place(before: Iterable[object], after: Iterable[object]) -> bool:
    """Return whether each tensor of a state is the same object, and each number is equal."""
    return all(
        old is new if isinstance(old, Tensor) else old == new
        for old, new in zip(before, after, strict=True)
    )
