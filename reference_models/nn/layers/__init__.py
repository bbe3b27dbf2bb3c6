"""The modules of the layers of a list, one module for each kind; importing it enters them."""

from reference_models.nn.layers import (
    convolutions,
    noise,
    parallel,
    recurrent,
    residual,
    step_by_step,
    transformer,
    transforms,
    whole_clip,
)

__all__ = [
    "convolutions",
    "noise",
    "parallel",
    "recurrent",
    "residual",
    "step_by_step",
    "transformer",
    "transforms",
    "whole_clip",
]
