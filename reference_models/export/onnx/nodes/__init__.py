"""Nodes of the kinds of operations: importing this package enters all of them."""

from reference_models.export.onnx.nodes import (
    arithmetic,
    attention,
    convolutions,
    noise,
    quantizers,
    recurrent,
    windows,
)

__all__ = [
    "arithmetic",
    "attention",
    "convolutions",
    "noise",
    "quantizers",
    "recurrent",
    "windows",
]
