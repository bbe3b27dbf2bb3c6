"""The kinds of quantizers that a file names, one module for each; importing it enters them."""

from lrac_audit.design.quantizers import (
    continuous,
    fsq,
    grouped_rvq,
    lookup_free,
    multi_scale,
    split_rvq,
)

__all__ = ["continuous", "fsq", "grouped_rvq", "lookup_free", "multi_scale", "split_rvq"]
