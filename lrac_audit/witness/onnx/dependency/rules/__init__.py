"""Rules of ONNX operators; importing it registers all of them."""

from lrac_audit.witness.onnx.dependency.rules import (
    moves,
    pointwise,
    products,
    recurrent,
    reductions,
    windows,
)

__all__ = ["moves", "pointwise", "products", "recurrent", "reductions", "windows"]
