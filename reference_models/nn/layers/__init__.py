"""The modules of the layers of a list, one module for each kind; importing it enters them."""

from reference_models.nn.layers import (
    convolutions,
    parallel,
    recurrent,
    residual,
    step_by_step,
    transformer,
    transforms,
)

__all__ = [
    "convolutions",
    "parallel",
    "recurrent",
    "residual",
    "step_by_step",
    "transformer",
    "transforms",
]
