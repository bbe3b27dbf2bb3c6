"""Noise that a decoder adds to its signal, at a level that it chooses for each step."""

from __future__ import annotations

from dataclasses import dataclass

from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, no_rules


@layer_kind("noise")
@dataclass(frozen=True, slots=True)
class Noise(Layer):
    """``x + noise * linear(x)``, with one random value for all channels of a step."""


CHECKS.add(Noise)(no_rules)
