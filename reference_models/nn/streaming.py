"""The contract of streaming layers: a step takes new input and returns the output it completes.

Offline is a stream with fresh state that ends at once::

    state = layer.initial_state(batch_size, like=x)
    y = layer.step(x_1, state)               any number of time steps, none included
    y = layer.step(x_2, state)
    y = layer.step(x_3, state, last=True)    the end: right padding comes after x_3

    layer(x) == layer.step(x, layer.initial_state(len(x), like=x), last=True)

A step changes the state it is given. A state that has seen ``last`` is spent.

Time runs to the right; a centred convolution of look-ahead 2 in a stream::

    input steps      0  1  2  3  4  5 |end
    output steps           0  1  2  3  4  5     each waits for two more inputs; the last two
                                                come at the end, when zeros stand in for them
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from torch import Tensor, nn


class Footprint(NamedTuple):
    """The size of the state of one stream."""

    state_values: int
    """Left context of the layers, look-ahead included: the ledger's ``state_values``."""
    held_values: int
    """Values that skip paths hold back for a look-ahead: the ledger's ``held_values``."""
    waiting_values: int
    """Input that does not fill a stride yet. Framing rather than state: at every whole hop it is
    none, as long as the look-ahead before a strided layer is a multiple of its stride."""
    size_bytes: int
    """All of these, as they are stored."""


class State(Protocol):
    """The state of a layer between two steps."""

    def footprint(self) -> Footprint:
        """Return the present size of the state of one stream."""


def total(states: Iterable[State]) -> Footprint:
    """Return the sum over ``states``."""
    parts = [Footprint(0, 0, 0, 0), *(state.footprint() for state in states)]
    return Footprint(*(sum(column) for column in zip(*parts, strict=True)))


class States(list[tuple[nn.Module, Any]]):
    """Pairs of layers and states, in the order of their steps; None for a pointwise layer.

    Layers are kept with their states because looking them up takes a good part of a frame.
    """

    def footprint(self) -> Footprint:
        """Return the sum over the layers."""
        return total(state for _, state in self if state is not None)

    def step(self, x: Tensor, last: bool) -> Tensor:
        """Run ``x`` through all layers."""
        for layer, state in self:
            x = layer(x) if state is None else layer.step(x, state, last)  # type: ignore[operator]
        return x


S = TypeVar("S", bound=State)


class Streaming(nn.Module, Generic[S]):
    """A layer that runs in a stream, ``[B, C, T]`` in and out."""

    def initial_state(self, batch_size: int, like: Tensor) -> S:
        """Return the state of ``batch_size`` streams at their start, in the type of ``like``."""
        raise NotImplementedError

    def step(self, x: Tensor, state: S, last: bool = False) -> Tensor:
        """Return the output that ``x`` completes; at the ``last`` step all that remains."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the output for the whole input ``x``."""
        return self.step(x, self.initial_state(x.shape[0], like=x), last=True)


class CalledSteps(Streaming[S]):
    """A mixin, before the class of a layer whose operations do not all touch its parameters.

    Each step is a call of the module: that tells those who watch modules whose operations they are.
    """

    def forward(self, x: Tensor, state: S | None = None, last: bool = True) -> Tensor:
        """Return the output for the whole input ``x``, or that of one step with ``state``."""
        if state is None:
            state = self.initial_state(x.shape[0], like=x)
        return super().step(x, state, last)

    def step(self, x: Tensor, state: S, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        y: Tensor = self(x, state, last)
        return y


class Chain(Streaming[States]):
    """Layers one after another; those that are not :class:`Streaming` are pointwise."""

    def in_order(self) -> Iterable[nn.Module]:
        """Return the layers in the order of their steps."""
        raise NotImplementedError

    def initial_state(self, batch_size: int, like: Tensor) -> States:
        """See :class:`Streaming`."""
        return states_of(self.in_order(), batch_size, like)

    def step(self, x: Tensor, state: States, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        return state.step(x, last)


def states_of(layers: Iterable[nn.Module], batch_size: int, like: Tensor) -> States:
    """Return the initial states of ``layers``."""
    return States(
        (layer, layer.initial_state(batch_size, like) if isinstance(layer, Streaming) else None)
        for layer in layers
    )
