"""Operations of the kinds of layers: importing this package enters all of them."""

from reference_models.export.layers import (
    composites,
    convolutions,
    parallel,
    pointwise,
    recurrent,
    step_by_step,
    sums,
)

__all__ = [
    "composites",
    "convolutions",
    "parallel",
    "pointwise",
    "recurrent",
    "step_by_step",
    "sums",
]
