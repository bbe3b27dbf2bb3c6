"""All formulas of the project, registered by this import."""

from __future__ import annotations

from lrac_audit.witness.trace import fourier as _fourier  # noqa: F401
from lrac_audit.witness.trace import products
from lrac_audit.witness.trace import reductions as _reductions  # noqa: F401
from lrac_audit.witness.trace.table import FORMULAS

__all__ = ["FORMULAS", "NO_PRODUCTS"]

NO_PRODUCTS = tuple(
    name.removeprefix("aten.")
    for name, formula in FORMULAS.items()
    if formula.__module__ != products.__name__
)
"""Operators in which nothing is multiplied and accumulated."""
