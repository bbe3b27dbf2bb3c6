"""All counting formulas, which this import registers."""

from __future__ import annotations

from lrac_audit.witness.trace.formulas import convolutions, matrix_products
from lrac_audit.witness.trace.formulas import fourier as _fourier  # noqa: F401
from lrac_audit.witness.trace.formulas import gradients as _gradients  # noqa: F401
from lrac_audit.witness.trace.formulas import reductions as _reductions  # noqa: F401
from lrac_audit.witness.trace.formulas.formula_table import FORMULAS

__all__ = ["FORMULAS", "NO_PRODUCTS"]

NO_PRODUCTS = tuple(
    name.removeprefix("aten.")
    for name, formula in FORMULAS.items()
    if formula.__module__ not in (convolutions.__name__, matrix_products.__name__)
)
"""Operators in which nothing is multiplied and accumulated."""
