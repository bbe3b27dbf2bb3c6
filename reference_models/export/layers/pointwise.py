"""Operations of activations."""

from __future__ import annotations

from torch import Tensor

from lrac_audit.design import parts
from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.steps import Step
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.pointwise import Activate
from reference_models.export.signal import Signal


@LAYERS.add(parts.Activation)
def activation(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower an activation."""
    part: parts.Activation = step.part
    learned: list[tuple[str, Tensor]] = list(builder.module(step.path).named_parameters())
    builder.run(
        Activate(
            row=step.path,
            reads=(x.name,),
            writes=builder.value(step.path, x.rows, x.columns),
            constants=tuple(
                builder.constant(f"{step.path}.{name}", value.flatten()) for name, value in learned
            ),
            kind=part.name,
            parameters=tuple({**ACTIVATIONS[part.name].constants, **dict(part.parameters)}.items()),
        )
    )
    return x.of(step.path)
