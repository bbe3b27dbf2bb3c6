"""Operations of attention to a window of steps."""

from __future__ import annotations

from lrac_audit.design.layers.transformer import WindowAttention
from lrac_audit.design.steps import Step
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.attention import Attend
from reference_models.export.program import State
from reference_models.export.signal import Signal
from reference_models.nn.layers.transformer import StreamingAttention


@LAYERS.add(WindowAttention)
def attention(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower the products of queries with the keys of their windows, and the sums of the values."""
    part: WindowAttention = step.part
    module: StreamingAttention = builder.module(step.path)
    width = x.columns // 3
    past = part.window - 1 + part.look_ahead
    rows = {"keys": past, "values": past, "queries": part.look_ahead}
    y = x.of(step.path, width)._replace(lag=x.lag + part.look_ahead)
    return builder.write(
        Attend(
            row=step.path,
            reads=(x.name,),
            writes=y.name,
            keeps=tuple(
                name
                for kept, count in rows.items()
                for name in builder.state(f"{step.path}.{kept}", State(count, width))
            ),
            constants=builder.parameters(step.path, module.products, ("bias",)),
            window=part.window,
            look_ahead=part.look_ahead,
            heads=part.heads,
            rotary=part.position == "rotary",
            valid=x.valid,
        ),
        y,
    )
