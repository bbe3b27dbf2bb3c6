"""Cost formulas and dataflow of the quantizers; importing it enters the formulas of every kind."""

from lrac_audit.ledger.quantizers import multi_scale, scalar, split_rvq

__all__ = ["multi_scale", "scalar", "split_rvq"]
