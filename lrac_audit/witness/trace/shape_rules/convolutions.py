"""Shapes of results of convolutions, and the convolutions that torch refuses on real values.

On the device ``meta`` torch refuses fewer of them, and the older it is, the fewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from torch import Tensor


class Geometry(NamedTuple):
    """How a kernel moves along one axis."""

    size: int
    """Steps of the input."""
    kernel: int
    stride: int
    padding: int
    dilation: int
    more: int
    """How much longer the result of a transposed convolution is made at its end."""

    def is_allowed(self, transposed: bool) -> bool:
        """Return whether torch takes these numbers, whatever the size."""
        limit = max(self.stride, self.dilation) if transposed else 1
        return min(self.stride, self.dilation) > 0 <= self.padding and 0 <= self.more < limit

    def result_size(self, transposed: bool) -> int:
        """Return the steps of the result; none or fewer where the input is too short."""
        reach = self.dilation * (self.kernel - 1)
        if transposed:
            return (self.size - 1) * self.stride - 2 * self.padding + reach + self.more + 1
        return (self.size + 2 * self.padding - reach - 1) // self.stride + 1


class Convolution(NamedTuple):
    """The arguments of ``aten.convolution``, as torch orders them."""

    x: Tensor
    """``[B, C_in, *sizes]``."""
    weight: Tensor
    """``[C_out, C_in / groups, *kernel]``; transposed ``[C_in, C_out / groups, *kernel]``."""
    bias: Tensor | None
    stride: Sequence[int]
    padding: Sequence[int]
    dilation: Sequence[int]
    transposed: bool
    more: Sequence[int]
    groups: int

    @property
    def channels_in(self) -> int:
        """Channels that the weight takes."""
        return self.weight.shape[0] if self.transposed else self.weight.shape[1] * self.groups

    @property
    def channels_out(self) -> int:
        """Channels of the result."""
        return self.weight.shape[1] * self.groups if self.transposed else self.weight.shape[0]

    @property
    def axes(self) -> list[Geometry]:
        """The axes along which the kernel moves; one number may stand for all of them."""
        axes = self.x.dim() - 2
        ways = (self.stride, self.padding, self.dilation, self.more)
        spread = (list(way) * (axes if len(way) == 1 else 1) for way in ways)
        numbers = zip(self.x.shape[2:], self.weight.shape[2:], *spread, strict=True)
        return [Geometry(*each) for each in numbers]

    def result_sizes(self) -> list[int]:
        """Return the sizes of the result along these axes."""
        return [axis.result_size(self.transposed) for axis in self.axes]

    def refusals(self) -> Iterator[str]:
        """Yield why torch refuses it on real values."""
        given, taken = list(self.x.shape), list(self.weight.shape)
        if self.groups < 1 or self.weight.shape[0] % self.groups:
            yield f"{self.groups} groups do not divide a weight of shape {taken}"
        elif self.x.shape[1] != self.channels_in:
            yield f"an input of shape {given} for a weight that takes {self.channels_in} channels"
        elif self.bias is not None and list(self.bias.shape) != [self.channels_out]:
            yield f"a bias of shape {list(self.bias.shape)} for {self.channels_out} channels"
        elif self.x.dtype != self.weight.dtype:
            yield f"an input of {self.x.dtype} and a weight of {self.weight.dtype}"
        elif not all(axis.is_allowed(self.transposed) for axis in self.axes):
            yield (
                f"stride {self.stride}, padding {self.padding}, dilation {self.dilation} and "
                f"output padding {self.more} are not all allowed"
            )
        elif min(self.result_sizes()) < 1:
            yield f"an input of shape {given} is too short for a kernel of {taken[2:]}"


def convolved(args: tuple[Any, ...], _: dict[str, Any]) -> Tensor | None:
    """Return ``[B, C_out, T']`` for a convolution of ``[B, C_in, T]``, transposed or not.

    Raises:
        RuntimeError: on real values torch refuses it.
    """
    call = Convolution(*args)
    if call.x.dim() != call.weight.dim() or not call.x.numel():
        return None
    for refusal in call.refusals():
        raise RuntimeError(refusal)
    if call.x.dim() != 3:  # the layout of pictures depends on more than their shape
        return None
    return call.x.new_empty(call.x.shape[0], call.channels_out, *call.result_sizes())
