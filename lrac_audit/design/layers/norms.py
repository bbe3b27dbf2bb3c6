"""Norms: over the channels of one step, which need no other step, or over the whole clip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, divisor_of_channels, no_rules
from lrac_audit.validation.kinds import Whole


@layer_kind("layer_norm")
@dataclass(frozen=True, slots=True)
class LayerNorm(Layer):
    """Each step less its mean, over its deviation, with a learned scale and shift per channel."""


@layer_kind("rms_norm")
@dataclass(frozen=True, slots=True)
class RmsNorm(Layer):
    """Each step over its root mean square, with a learned scale per channel."""


@layer_kind("group_norm")
@dataclass(frozen=True, slots=True)
class GroupNorm(Layer):
    """Each group of channels less its mean over the whole clip, over its deviation.

    A learned scale and shift per channel follow (Wu and He 2018). Every output waits for the end of
    the clip.
    """

    groups: Annotated[int, Whole(1, MAX_SIZE)] = 1
    """Channel groups, each with statistics of its own; must divide the channels."""

    look_ahead_steps = None
    """No number bounds the steps that an output waits for."""


CHECKS.add(LayerNorm, RmsNorm)(no_rules)


CHECKS.add(GroupNorm)(partial(divisor_of_channels, name="groups"))
