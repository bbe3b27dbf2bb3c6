"""Padding, look-ahead and trimming that follow from the taps of a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrac_audit.design.layer import Layer


class Kernel:
    """The taps of a convolution, and how far they reach beyond the steps of one output."""

    __slots__ = ()
    if TYPE_CHECKING:  # fields of the dataclasses that derive from it
        kernel: int
        dilation: int

    @property
    def rate_down(self) -> int:
        """Input steps for each output step."""
        return 1

    @property
    def reach(self) -> int:
        """Input steps from the first tap to the last."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def padding(self) -> int:
        """Steps of padding in all; negative where the kernel does not reach the stride."""
        return self.reach - self.rate_down


class CentredKernel(Kernel):
    """A kernel that is causal or centred, as a recipe has them."""

    __slots__ = ()
    if TYPE_CHECKING:
        causal: bool

    @property
    def look_ahead_steps(self) -> int:
        """Input steps after its own that an output waits for: the padding on the right."""
        return 0 if self.causal else self.padding // 2


class WaitingKernel(Kernel, Layer):
    """The kernel of a layer of a list, with any part of its padding on the right."""

    __slots__ = ()
    if TYPE_CHECKING:
        look_ahead: int

    @property
    def look_ahead_steps(self) -> int:
        """Input steps after its own that an output waits for: the padding on the right."""
        return self.look_ahead


class TrimmedKernel:
    """The taps of a transposed convolution, whose surplus outputs are trimmed."""

    __slots__ = ()
    if TYPE_CHECKING:
        kernel: int
        stride: int
        trim_left: int

    @property
    def trim_right(self) -> int:
        """Output steps trimmed at the end."""
        return self.kernel - self.stride - self.trim_left
