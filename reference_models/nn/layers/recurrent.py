"""Recurrent layers of a list, which keep their state between two steps."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from lrac_audit.design.layers.recurrent import Gru, Lstm
from lrac_audit.design.steps import Step
from reference_models.nn.layer_modules import LAYER_MODULES
from reference_models.nn.streaming import Footprint, Streaming


@dataclass(slots=True)
class Hidden:
    """The state of recurrent layers, ``[layers, B, C]``; ``cell`` is None but for an LSTM."""

    hidden: Tensor
    cell: Tensor | None

    def footprint(self) -> Footprint:
        """See :class:`Footprint`."""
        kept = [x[:, 0] for x in (self.hidden, self.cell) if x is not None]
        values = sum(x.numel() for x in kept)
        return Footprint(values, 0, 0, values * self.hidden.element_size())


class StreamingRecurrent(Streaming[Hidden]):
    """Layers of a GRU or an LSTM, ``[B, C, T]`` in and out."""

    def __init__(self, cell: nn.GRU | nn.LSTM) -> None:
        super().__init__()
        self.cell = cell

    def initial_state(self, batch_size: int, like: Tensor) -> Hidden:
        """See :class:`Streaming`."""
        zeros = like.new_zeros(self.cell.num_layers, batch_size, self.cell.hidden_size)
        return Hidden(zeros, zeros.clone() if isinstance(self.cell, nn.LSTM) else None)

    def step(self, x: Tensor, state: Hidden, last: bool = False) -> Tensor:
        """See :class:`Streaming`."""
        if not x.shape[2]:
            return x.new_empty(x.shape[0], self.cell.hidden_size, 0)
        y: Tensor
        if state.cell is None:
            y, state.hidden = self.cell(x.transpose(1, 2), state.hidden)
        else:
            kept = state.hidden, state.cell
            y, (state.hidden, state.cell) = self.cell(x.transpose(1, 2), kept)
        return y.transpose(1, 2)


@LAYER_MODULES.add(Gru)
def gru(step: Step) -> StreamingRecurrent:
    """Return the layers of a GRU."""
    widths = step.channels_in, step.channels_out
    return StreamingRecurrent(nn.GRU(*widths, step.part.layers, batch_first=True))


@LAYER_MODULES.add(Lstm)
def lstm(step: Step) -> StreamingRecurrent:
    """Return the layers of an LSTM."""
    widths = step.channels_in, step.channels_out
    return StreamingRecurrent(nn.LSTM(*widths, step.part.layers, batch_first=True))
