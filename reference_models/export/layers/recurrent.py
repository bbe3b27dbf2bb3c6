"""Operations of recurrent layers."""

from __future__ import annotations

from torch import nn

from lrac_audit.design.layers.recurrent import Gru, Lstm
from lrac_audit.design.steps import LstmLayer, Step
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.recurrent import Recur
from reference_models.export.program import State
from reference_models.export.signal import Signal


@LAYERS.add(LstmLayer, Gru, Lstm)
def recurrent(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower the layers of an LSTM or a GRU."""
    cell: nn.LSTM | nn.GRU = builder.module(step.path).cell
    for index in range(cell.num_layers):
        x = _one_layer(builder, step.path, cell, index, x)
    return x


def _one_layer(
    builder: Builder, path: str, cell: nn.LSTM | nn.GRU, index: int, x: Signal
) -> Signal:
    name = f"{path}.{index}" if cell.num_layers > 1 else path
    y = x.of(name, cell.hidden_size)
    is_lstm = isinstance(cell, nn.LSTM)
    kept = ("hidden", "cell") if is_lstm else ("hidden",)
    names = [f"{weight}_l{index}" for weight in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    builder.run(
        Recur(
            row=path,
            reads=(x.name,),
            writes=builder.value(name, y.rows, y.columns),
            keeps=tuple(
                kind
                for part in kept
                for kind in builder.state(f"{name}.{part}", State(1, cell.hidden_size))
            ),
            constants=builder.parameters(path, cell, names),
            kind="lstm" if is_lstm else "gru",
            valid=x.valid,
        )
    )
    return y
