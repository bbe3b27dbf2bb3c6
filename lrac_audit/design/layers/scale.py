"""A learned factor for each channel, such as the layer scale of a residual branch."""

from __future__ import annotations

from dataclasses import dataclass

from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, no_rules


@layer_kind("scale")
@dataclass(frozen=True, slots=True)
class Scale(Layer):
    """Each channel times a learned factor."""


CHECKS.add(Scale)(no_rules)
