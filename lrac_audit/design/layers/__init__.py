"""The kinds of layers that a list may hold, one module for each; importing it enters them."""

from lrac_audit.design.layers import (
    activation,
    convnext,
    convolution,
    linear,
    mdct,
    noise,
    norms,
    parallel,
    recurrent,
    residual,
    scale,
    stft,
    transformer,
    transposed_convolution,
    upsampling,
)

__all__ = [
    "activation",
    "convnext",
    "convolution",
    "linear",
    "mdct",
    "noise",
    "norms",
    "parallel",
    "recurrent",
    "residual",
    "scale",
    "stft",
    "transformer",
    "transposed_convolution",
    "upsampling",
]
