"""Cost formulas of ONNX operators; importing it registers all of them."""

from lrac_audit.witness.onnx.formulas import (
    convolutions,
    fourier,
    matrix_products,
    pointwise,
    recurrent,
    reductions,
)
from lrac_audit.witness.onnx.formulas.node_formulas import NODE_FORMULAS, NodeCall, NodeWork

__all__ = [
    "NODE_FORMULAS",
    "NodeCall",
    "NodeWork",
    "convolutions",
    "fourier",
    "matrix_products",
    "pointwise",
    "recurrent",
    "reductions",
]
