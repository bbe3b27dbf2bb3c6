"""Rules for Fourier transforms: each result depends on the whole transformed axis."""

from __future__ import annotations

from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule


@rule("_fft_r2c", "_fft_c2r", "_fft_c2c")
def transform(call: RuleCall) -> Tensor:
    """Return the join over the transformed axes."""
    return call.joined_over(call["self"], call["dim"])
