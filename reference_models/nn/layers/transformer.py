"""Modules of transformers: attention to a window of steps, and the parts around it.

Keys and queries of a window of 3 and a look-ahead of 1; ``-`` stands for steps before the stream::

    keys kept and new   -  -  0  1  2  3
    query 0             x  x  x  x              what stands for "-" is masked
    query 1                x  x  x  x
    query 2                   x  x  x  x
    query 3                                     waits for key 4; keys 1 to 3 are kept
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.design.layers.transformer import Gate, SkippedPart, Transformer, WindowAttention
from lrac_audit.design.steps import Step
from reference_models.nn.layer_modules import LAYER_MODULES, build_inner
from reference_models.nn.layers.residual import SkippedLayers
from reference_models.nn.seanet import Network
from reference_models.nn.streaming import Footprint, Streaming

ROTARY_BASE = 10_000.0
"""The slowest pair of channels turns by about one over this in a step (Su et al. 2021)."""


@dataclass(slots=True)
class Kept:
    """Steps that later queries attend to, and the queries that wait; ``[B, C, T]``."""

    keys: Tensor
    values: Tensor
    queries: Tensor
    past: int
    """Steps of the stream before the first waiting query, at most a window."""
    position: int
    """Steps before the next one; 0 where nothing depends on it."""

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        values = sum(x[0].numel() for x in (self.keys, self.values, self.queries))
        return Footprint(values, 0, 0, values * self.keys.element_size())


class WindowProducts(nn.Module):
    """The products of queries with the keys of their windows, and the sums of the values."""

    def __init__(self, part: WindowAttention) -> None:
        super().__init__()
        self.heads, self.keys = part.heads, part.keys
        learned = part.position == "learned"
        self.bias = nn.Parameter(torch.zeros(part.heads, part.keys)) if learned else None

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, allowed: Tensor) -> Tensor:
        """Return the sums ``[B, C, T]`` over the ``allowed [T, keys]`` steps of each window."""
        split = [x.chunk(self.heads, 1) for x in (queries, keys, values)]
        biases = [None] * self.heads if self.bias is None else self.bias
        heads = zip(*split, biases, strict=True)
        sums = [self._sums(query, key, value, bias, allowed) for query, key, value, bias in heads]
        return torch.cat(sums, 2).transpose(1, 2)

    def _sums(
        self, query: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None, allowed: Tensor
    ) -> Tensor:
        """Return the sums ``[B, T, C / heads]`` of one head, in which a window is a product."""
        query = query.transpose(1, 2).unsqueeze(2) * query.shape[1] ** -0.5
        key, value = (x.unfold(2, self.keys, 1).transpose(1, 2) for x in (keys, values))
        scores = query @ key
        if bias is not None:
            scores = scores + bias
        weights = functional.softmax(scores.masked_fill(~allowed[:, None], -torch.inf), -1)
        return (weights @ value.transpose(2, 3)).squeeze(2)


class StreamingAttention(Streaming[Kept]):
    """Attention to a window, from queries, keys and values ``[B, 3 C, T]`` to ``[B, C, T]``."""

    def __init__(self, width: int, part: WindowAttention) -> None:
        super().__init__()
        self.width = width
        self.part = part
        self.products = WindowProducts(part)

    def initial_state(self, batch_size: int, like: Tensor) -> Kept:
        """See :class:`Streaming`."""
        before = like.new_zeros(batch_size, self.width, self.part.window - 1)
        return Kept(before, before.clone(), before[:, :, :0], 0, 0)

    def step(self, x: Tensor, state: Kept, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        queries, keys, values = x.chunk(3, 1)
        if self.part.position == "rotary":
            queries, keys = (self._turned(each, state.position) for each in (queries, keys))
            state.position += x.shape[2]
        queries = torch.cat((state.queries, queries), 2)
        keys = torch.cat((state.keys, keys), 2)
        values = torch.cat((state.values, values), 2)
        waiting = 0 if last else min(self.part.look_ahead, queries.shape[2])
        ready = queries.shape[2] - waiting
        y = self._attend(queries[:, :, :ready], keys, values, state.past)
        state.queries = queries[:, :, ready:].clone()
        state.keys = keys[:, :, ready:].clone()
        state.values = values[:, :, ready:].clone()
        state.past = min(state.past + ready, self.part.window - 1)
        return y

    def _attend(self, queries: Tensor, keys: Tensor, values: Tensor, past: int) -> Tensor:
        """Return the sums for ``queries``, before which the stream has ``past`` steps."""
        steps, known = queries.shape[2], keys.shape[2]
        if not steps:
            return queries
        missing = steps + self.part.keys - 1 - known
        if missing > 0:  # the look-ahead of the last queries is beyond the end
            keys, values = (functional.pad(each, (0, missing)) for each in (keys, values))
        first = torch.arange(steps, device=queries.device)[:, None]
        key = first + torch.arange(self.part.keys, device=queries.device)
        allowed = (key >= self.part.window - 1 - past) & (key < known)
        y: Tensor = self.products(queries, keys, values, allowed)
        return y

    def _turned(self, x: Tensor, position: int) -> Tensor:
        """Return queries or keys turned by their step, the first of which is ``position``."""
        pairs = self.width // self.part.heads // 2
        steps = torch.arange(position, position + x.shape[2], device=x.device)
        speed = ROTARY_BASE ** -(torch.arange(pairs, device=x.device).double() / pairs)
        angle = speed[:, None] * steps
        cosine, sine = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        first, second = x.reshape(len(x), self.part.heads, 2, pairs, -1).unbind(2)
        turned = first * cosine - second * sine, first * sine + second * cosine
        return torch.stack(turned, 2).flatten(1, 3)


class Gated(nn.Module):
    """The first half of the channels, behind a SiLU, times the second half."""

    def forward(self, x: Tensor) -> Tensor:
        """Return half as many channels."""
        gate, value = x.chunk(2, 1)
        return functional.silu(gate) * value


@LAYER_MODULES.add(WindowAttention)
def attention(step: Step) -> StreamingAttention:
    """Return attention to a window of steps."""
    return StreamingAttention(step.channels_out, step.part)


@LAYER_MODULES.add(Gate)
def gate(step: Step) -> Gated:
    """Return a gate."""
    return Gated()


@LAYER_MODULES.add(SkippedPart)
def skipped_part(step: Step) -> SkippedLayers:
    """Return a part of a layer and the path around it."""
    return SkippedLayers(build_inner(step), step.channels_in)


@LAYER_MODULES.add(Transformer)
def transformer(step: Step) -> Network:
    """Return the parts of all layers, one after another."""
    return Network(build_inner(step))
