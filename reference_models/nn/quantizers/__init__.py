"""The modules of the quantizers, one module for each kind; importing it enters them."""

from reference_models.nn.quantizers import (
    continuous,
    grouped_rvq,
    multi_scale,
    rvq,
    scalar,
    split_rvq,
)

__all__ = ["continuous", "grouped_rvq", "multi_scale", "rvq", "scalar", "split_rvq"]
