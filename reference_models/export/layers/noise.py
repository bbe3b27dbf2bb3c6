"""Operations of noise that is added at a learned level."""

from __future__ import annotations

from lrac_audit.design.layers.noise import Noise
from lrac_audit.design.steps import Step
from reference_models.export.layers.convolutions import mapped
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.noise import AddNoise
from reference_models.export.program import State
from reference_models.export.signal import Signal
from reference_models.nn.layers.noise import AddedNoise


@LAYERS.add(Noise)
def noise(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower the level and the product with the fixed sequence of an evaluation."""
    module: AddedNoise = builder.module(step.path)
    weight = builder.parameters(f"{step.path}.level", module.level, ("weight",))
    level = mapped(builder, step.path, weight, x, f"{step.path}.level")
    y = x.of(step.path)
    return builder.write(
        AddNoise(
            row=step.path,
            reads=(x.name, level.name),
            writes=y.name,
            keeps=builder.state(step.path, State(1, 1)),
            seed=module.seed,
            valid=x.valid,
        ),
        y,
    )
