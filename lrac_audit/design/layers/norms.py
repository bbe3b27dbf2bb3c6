"""Norms over the channels of one step, which need no other step."""

from __future__ import annotations

from dataclasses import dataclass

from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, no_rules


@layer_kind("layer_norm")
@dataclass(frozen=True, slots=True)
class LayerNorm(Layer):
    """Each step less its mean, over its deviation, with a learned scale and shift per channel."""


@layer_kind("rms_norm")
@dataclass(frozen=True, slots=True)
class RmsNorm(Layer):
    """Each step over its root mean square, with a learned scale per channel."""


CHECKS.add(LayerNorm, RmsNorm)(no_rules)
