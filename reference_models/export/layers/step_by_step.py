"""Operations of layers that see one step at a time."""

from __future__ import annotations

from lrac_audit.design.layers.norms import LayerNorm, RmsNorm
from lrac_audit.design.layers.scale import Scale as ScaleLayer
from lrac_audit.design.layers.transformer import Gate as GateLayer
from lrac_audit.design.layers.upsampling import PixelShuffle
from lrac_audit.design.layers.upsampling import Repeat as RepeatLayer
from lrac_audit.design.steps import Step
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.pointwise import Gate, Normalise, Scale
from reference_models.export.operations.rows import Repeat, Shuffle
from reference_models.export.signal import Signal
from reference_models.nn.layers.step_by_step import RMS_EPSILON


@LAYERS.add(ScaleLayer)
def scale(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a learned factor for each channel."""
    factors = builder.parameters(step.path, builder.module(step.path), ("weight",))
    y = x.of(step.path)
    return builder.write(Scale(row=step.path, reads=(x.name,), writes=y.name, constants=factors), y)


@LAYERS.add(LayerNorm, RmsNorm)
def norm(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a norm over the channels of a step."""
    module, y = builder.module(step.path), x.of(step.path)
    centred = isinstance(step.part, LayerNorm)
    names = ("weight", "bias") if centred else ("weight",)
    return builder.write(
        Normalise(
            row=step.path,
            reads=(x.name,),
            writes=y.name,
            constants=builder.parameters(step.path, module, names),
            centred=centred,
            epsilon=module.eps if centred else RMS_EPSILON,
        ),
        y,
    )


@LAYERS.add(GateLayer)
def gate(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a gate."""
    y = x.of(step.path, x.columns // 2)
    return builder.write(Gate(row=step.path, reads=(x.name,), writes=y.name), y)


@LAYERS.add(RepeatLayer)
def repeat(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a layer that repeats steps."""
    factor = step.part.factor
    y = x.faster(step.path, x.columns, factor)
    return builder.write(Repeat(row=step.path, reads=(x.name,), writes=y.name, factor=factor), y)


@LAYERS.add(PixelShuffle)
def pixel_shuffle(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a layer that lays channels out as steps."""
    factor = step.part.factor
    y = x.faster(step.path, x.columns // factor, factor)
    return builder.write(Shuffle(row=step.path, reads=(x.name,), writes=y.name, factor=factor), y)
