"""Transposed convolutions of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.kernel import TrimmedKernel
from lrac_audit.design.layer import Layer, layer_kind
from lrac_audit.design.layer_checks import CHECKS, check_groups, check_trim
from lrac_audit.design.steps import Step
from lrac_audit.design.trim import Trim
from lrac_audit.errors import Problem
from lrac_audit.validation.kinds import Whole

Size = Annotated[int, Whole(1, MAX_SIZE)]


@layer_kind("transposed_conv")
@dataclass(frozen=True, slots=True)
class ListedTransposedConv(TrimmedKernel, Layer):
    """A transposed convolution, whose ``kernel - stride`` surplus outputs are trimmed."""

    kernel: Size
    """Taps; at least the stride."""
    stride: Size
    """Output steps for each input step."""
    channels: Size | None = None
    """Output channels. None keeps the width."""
    groups: Size = 1
    """Channel groups; must divide the channels on both sides."""
    trim_left: Annotated[int, Trim()] = 0
    """Output steps trimmed at the start, which are look-ahead; the rest goes at the end.

    A file may say the side instead: ``right``, ``left`` or ``both``.
    """
    bias: bool = True
    """Whether a learned value is added to each output channel."""

    @property
    def rate_up(self) -> int:
        """Output steps for each input step."""
        return self.stride

    def channels_after(self, channels: int) -> int:
        """Return the output channels."""
        return self.channels or channels


@CHECKS.add(ListedTransposedConv)
def _transposed(step: Step) -> Sequence[Problem]:
    return [*check_groups(step), *check_trim(step)]
