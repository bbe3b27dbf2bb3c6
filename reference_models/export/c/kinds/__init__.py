"""The kinds of operations in C: importing this package enters all of them."""

from reference_models.export.c.kinds import (
    attention,
    convolutions,
    noise,
    pointwise,
    quantizers,
    recurrent,
    rows,
    transforms,
)

__all__ = [
    "attention",
    "convolutions",
    "noise",
    "pointwise",
    "quantizers",
    "recurrent",
    "rows",
    "transforms",
]
