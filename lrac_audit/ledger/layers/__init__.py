"""The cost formulas of the layers of a list, one module for each kind; importing it enters them."""

from lrac_audit.ledger.layers import (
    convolutions,
    linear,
    noise,
    norms,
    parallel,
    recurrent,
    scale,
    transformer,
    transforms,
    upsampling,
)

__all__ = [
    "convolutions",
    "linear",
    "noise",
    "norms",
    "parallel",
    "recurrent",
    "scale",
    "transformer",
    "transforms",
    "upsampling",
]
