"""Products of tensors, which become multiply-accumulates once they are summed.

A product of two tensors followed by a sum is a matrix product if both vary along an axis that is
summed over; a factor that only repeats along it scales the sum, and multiplies nothing that is
accumulated. Products that are added to each other one by one are such a sum as well, if their
constant factors are pieces of one tensor, as when a filter is written as a loop over its taps, or
if the signal in them is one tensor shifted.

"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from torch import Tensor

from lrac_audit.witness.trace.factors import Factor
from lrac_audit.witness.trace.layouts import EVERYWHERE, varies


@dataclass(frozen=True, slots=True)
class Product:
    """The product of two tensors, value by value."""

    index: int
    """Its record."""
    values: int
    macs_per_value: int
    """1; of complex numbers 4, or 2 where one factor is real."""
    first: Factor
    second: Factor
    share: tuple[int, int] | None = None
    """How many of how many pairs a mask of attention lets through, if a factor is its weights."""
    rank: int = 0
    """How many axes it had when it was made."""
    fans_out: bool = False
    """Whether each value of the signal was multiplied with several constants, as each sample is
    with the taps of a transposed convolution. A window has one value for each step instead."""
    multiplies_sum: bool = False
    """Whether a factor is a sum of products, and no part of one."""

    @property
    def factors(self) -> tuple[Factor, Factor]:
        """Both factors."""
        return self.first, self.second

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the product, once it is summed."""
        return self.values * self.macs_per_value

    def accumulates(self, axes: Iterable[int]) -> bool:
        """Return whether a sum over ``axes`` makes multiply-accumulates of it."""
        first, second = self.first.layout, self.second.layout
        if first is None or second is None:
            return False
        if not any(varies(first, axis) and varies(second, axis) for axis in axes):
            return False
        return not self.is_masked

    def accumulates_overlapped(self, axis: int | None, rank: int) -> bool:
        """Return whether it becomes multiply-accumulates where its values are added overlapping.

        A window times frames does not, which were flattened to be added; nor does a gain.

        Args:
            axis: the axis of the values along which they are added, where they are of one.
            rank: how many axes the values have.
        """
        if self.is_masked:
            return False
        if self.is_of_signals or self.fans_out or self.signal.copies:
            return True
        return axis is not None and rank >= self.rank and self.accumulates([axis])

    def fans_out_along(self, axes: Iterable[int]) -> bool:
        """Return whether a value of the signal meets several constants along one of ``axes``."""
        signal, weight = self.signal.layout, self.weight.layout
        if not self.fans_out or signal is None or weight is None:
            return False
        return any(
            axis >= -min(signal.dim(), weight.dim())
            and varies(weight, axis)
            and not varies(signal, axis)
            for axis in axes
        )

    @property
    def accumulates_in_parts(self) -> bool:
        """Whether it becomes multiply-accumulates where parts of it are added to each other.

        So it does where each part has one constant of those along an axis; parts of frames times a
        window still have several.
        """
        if self.is_of_signals or self.is_masked or self.weight.layout is None:
            return False
        layout = self.weight.layout
        varied = sum(varies(layout, axis) for axis in range(layout.dim()))
        is_cut = layout is not EVERYWHERE and varied < len(self.weight.axes)
        return self.fans_out or is_cut

    @property
    def is_masked(self) -> bool:
        """Whether one factor only selects values of the other, which is no constant."""
        pairs = self.factors, self.factors[::-1]
        return any(one.selects and not other.constant for one, other in pairs)

    @property
    def is_of_signals(self) -> bool:
        """Whether neither factor is constant."""
        return not self.first.constant and not self.second.constant

    def is_scattered_with(self, other: Product) -> bool:
        """Return whether both are terms of one transposed convolution, which adds them shifted."""
        if not (self.fans_out and other.fans_out):
            return False
        is_one_kernel = 0 != self.weight.origin == other.weight.origin
        are_other_signals = self.signal.origin != other.signal.origin
        is_shifted = self.signal.is_other_piece(other.signal)
        return is_shifted or (is_one_kernel and are_other_signals)

    def is_filter_with(self, other: Product, pure: bool) -> bool:
        """Return whether both are taps of one filter; ``pure`` if nothing else was added yet."""
        if self.is_scattered_with(other):
            return True
        are_shifted = self.signal.is_other_piece(other.signal)
        if not are_shifted and not (pure and self.weight.is_other_piece(other.weight)):
            return False
        mine, others = self.tap, other.tap
        if mine is None or others is None:
            return False
        varied = mine.axes + others.axes
        shift = self.signal.shift_axis(other.signal) if are_shifted else None
        if shift in varied and shift in self.signal.axes:
            return False  # a window, which has a value for each step
        if are_shifted and (shift is not None or not varied):
            return True
        return pure and mine.is_other_piece(others)

    def is_same_tap_as(self, other: Product) -> bool:
        """Return whether both are one tap, on different pieces of one signal."""
        if not self.signal.is_other_piece(other.signal):
            return False
        mine, others = self.tap, other.tap
        return mine is not None and others is not None and mine.is_same_as(others)

    def is_dot_with(self, other: Product) -> bool:
        """Return whether both are terms of one dot product of two signals."""
        if self.first.constant or self.second.constant or other.first.constant:
            return False
        straight = zip(self.factors, other.factors, strict=True)
        across = zip(self.factors, other.factors[::-1], strict=True)
        return any(all(f.is_other_piece(g) for f, g in each) for each in (straight, across))

    @property
    def tap(self) -> Factor | None:
        """The constant factor, if it is one value for each channel at most."""
        if self.first.constant == self.second.constant:
            return None
        return self.weight if self.weight.is_tap else None

    @property
    def is_scaled_by_number(self) -> bool:
        """Whether the constant factor is a single value."""
        tap = self.tap
        return tap is not None and not tap.axes

    @property
    def may_feed_back(self) -> bool:
        """Whether it may be a tap on a past result.

        A factor for each channel may be one on the past result itself; on a piece of one it is a
        crossfade.
        """
        return self.is_scaled_by_number or (self.tap is not None and self.multiplies_sum)

    @property
    def signal(self) -> Factor:
        """The factor that is no constant."""
        return self.second if self.first.constant else self.first

    @property
    def weight(self) -> Factor:
        """The factor that is constant."""
        return self.first if self.first.constant else self.second

    def changed(self, change: Callable[[Tensor], Tensor]) -> Product:
        """Return the same product with other layouts."""
        first, second = _changed(self.first, change), _changed(self.second, change)
        if first is self.first and second is self.second:
            return self
        return replace(self, first=first, second=second)


def _changed(factor: Factor, change: Callable[[Tensor], Tensor]) -> Factor:
    if factor.layout is None or factor.layout is EVERYWHERE:
        return factor
    layout = change(factor.layout)
    return factor if layout is factor.layout else factor._replace(layout=layout)
