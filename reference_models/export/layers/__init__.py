"""Operations of the kinds of layers: importing this package enters all of them."""

from reference_models.export.layers import (
    attention,
    composites,
    convolutions,
    noise,
    parallel,
    pointwise,
    recurrent,
    step_by_step,
    sums,
    transforms,
)

__all__ = [
    "attention",
    "composites",
    "convolutions",
    "noise",
    "parallel",
    "pointwise",
    "recurrent",
    "step_by_step",
    "sums",
    "transforms",
]
