"""Rules for cumulative operators."""

from __future__ import annotations

from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule


@rule("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin")
def scan(call: RuleCall) -> list[Tensor]:
    """Return the join of everything up to each element."""
    steps = call.plain(call["self"])
    if steps.dim() and steps.size(call["dim"]):
        steps = steps.cummax(call["dim"]).values
    return [steps] * len(call.shapes)
