"""Linear maps of each step, such as the heads of a spectral decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, no_rules
from lrac_audit.validation.kinds import Whole


@layer_kind("linear")
@dataclass(frozen=True, slots=True)
class Linear(Layer):
    """A linear map of the channels of each step."""

    channels: Annotated[int, Whole(1, MAX_SIZE)] | None = None
    """Output channels. None keeps the width."""
    bias: bool = True
    """Whether a learned value is added to each output channel."""

    def channels_after(self, channels: int) -> int:
        """Return the output channels."""
        return self.channels or channels


CHECKS.add(Linear)(no_rules)
