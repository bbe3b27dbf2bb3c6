"""Windows that move over the input of a layer, and sums where its outputs overlap.

A layer whose outputs each need ``reach`` steps, ``stride`` apart, has ``reach - stride`` steps of
padding in all, ``look_ahead`` of them on the right. Its window starts with the others as zeros, so
that the past is silent at each layer's own input, after the activation before it. (Zeros at the
input of the network would come out of the earlier layers as their biases.) ::

    window    [0 0 0 0 | x0 x1 x2 ...      left zeros, then the input
    output 0   ^ reach steps ^             next output a stride later; steps that no later
                                           output needs are dropped from the left
    end       ... x8 x9 | 0 0]             right zeros, and as many more as fill the last stride:
                                           ceil(T / stride) outputs in all

A layer that adds frames of ``k`` values at ``s`` steps' distance keeps the last ``k - s`` sums in
its tail, for the frames that still add to them. Of its ``k - s`` surplus outputs some are cut at
the start and the rest at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from reference_models.nn.streaming import Footprint


@dataclass(slots=True)
class Window:
    """The state of a layer of windows: input that later outputs still need."""

    past: Tensor
    """``[B, C_in, T]``, newest last."""
    context: int
    """Steps of ``past`` that are left context; the others wait for the rest of a stride."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        _, channels, steps = self.past.shape
        kept = min(steps, self.context)
        waiting = (steps - kept) * channels
        return Footprint(kept * channels, 0, waiting, _stream_bytes(self.past))


@dataclass(slots=True)
class Overlap:
    """The state of a layer of overlapping outputs: sums that later inputs still add to."""

    tail: Tensor
    """``[B, C_out, k - s]``, without bias."""
    to_trim: int
    """Outputs still to be cut at the start."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        return Footprint(self.tail[0].numel(), 0, 0, _stream_bytes(self.tail))

    def finished(self, sums: Tensor, ready: int, at_end: int) -> Tensor:
        """Return the first ``ready`` of ``sums``, and ``at_end`` more; keep those after ``ready``.

        Without those that are still to be cut at the start.
        """
        self.tail = sums[:, :, ready:].clone()  # a view would keep all of a long clip's sums
        end = ready + at_end
        begin = min(self.to_trim, end)
        self.to_trim -= begin
        return sums[:, :, begin:end]


class Framing(NamedTuple):
    """How the window of a layer moves over its input."""

    reach: int
    """Steps of the window."""
    stride: int
    """Steps from one window to the next."""
    look_ahead: int
    """Steps of the padding on the right."""

    @property
    def context(self) -> int:
        """Steps of padding in all, and of left context in a stream."""
        return self.reach - self.stride

    def start(self, batch_size: int, channels: int, like: Tensor) -> Window:
        """Return the state at the start of a stream."""
        left = self.context - self.look_ahead
        return Window(like.new_zeros(batch_size, channels, left), self.context)

    def advance(self, x: Tensor, state: Window, last: bool) -> tuple[Tensor, int]:
        """Return the steps that the stream keeps with ``x`` behind them, and its windows in them.

        The steps that later windows need stay in ``state``.
        """
        if state.past.shape[2]:
            x = torch.cat((state.past, x), 2)
        if last and (padding := self._padding_at_end(x.shape[2])):
            x = functional.pad(x, (0, padding))
        ready = max((x.shape[2] - self.reach) // self.stride + 1, 0)
        if not last:  # a copy, as a view would keep the whole of a long input in memory
            state.past = x[:, :, ready * self.stride :].clone()
        return x, ready

    def _padding_at_end(self, steps: int) -> int:
        """Return the number of zeros that complete the last outputs of a window of ``steps``."""
        remaining = -(-(steps - self.context + self.look_ahead) // self.stride)
        return max((remaining - 1) * self.stride + self.reach - steps, 0) if remaining else 0


def _stream_bytes(x: Tensor) -> int:
    """Return the bytes of one stream of ``x [B, C, T]``."""
    return x.shape[1] * x.shape[2] * x.element_size()
