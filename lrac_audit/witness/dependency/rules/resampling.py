"""Rules for interpolation along time."""

from __future__ import annotations

import torch
from torch import Tensor

from lrac_audit.witness.dependency.registry import RuleCall, rule
from lrac_audit.witness.dependency.steps import joined
from lrac_audit.witness.trace.formulas.formula_table import words

NEAR_WHOLE = 1e-6
"""A place so near a whole step that its neighbour has no weight."""


@rule(
    *words(
        "upsample_nearest1d upsample_nearest2d upsample_nearest3d "
        "_upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d"
    )
)
def interpolate_nearest(call: RuleCall) -> Tensor:
    """Return the steps of the nearest elements; as doubles, which torch can interpolate."""
    steps = call.plain(call["self"])
    return _resampled(call, steps.expand(call["self"].shape).double()).int()


@rule("upsample_linear1d")
def interpolate_linearly(call: RuleCall) -> Tensor:
    """Return the join of the two elements around each place.

    The places are what the operator makes of a ramp.
    """
    steps = call.plain(call["self"])
    length = call["self"].size(-1)
    if steps.size(-1) == 1:
        return steps
    ramp = torch.arange(length, dtype=torch.float64).reshape(1, 1, -1)
    places = _resampled(call, ramp).flatten()
    around = (places + NEAR_WHOLE).floor(), (places - NEAR_WHOLE).ceil()
    return joined(steps[..., place.long().clamp(0, length - 1)] for place in around)


def _resampled(call: RuleCall, values: Tensor) -> Tensor:
    arguments = {name: value for name, value in call.arguments.items() if name != "self"}
    result: Tensor = call.func(values, **arguments)
    return result
