"""Factors of products: what they are pieces of, and along which axes they vary."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from lrac_audit.witness.trace.layouts import varies


class Factor(NamedTuple):
    """One factor of a product."""

    constant: bool
    layout: Tensor | None = None
    """See :mod:`lrac_audit.witness.trace.layouts`; None for a number."""
    origin: int = 0
    """The tensor whose values these are, or some of these; 0 for a number."""
    piece: tuple[int, int, int] = (0, 0, 0)
    """Which of its values these are: their memory, where they begin in it, and their number."""
    value: Tensor | None = None
    """The value of a constant, where it is known."""
    chosen: bool = False
    """Whether it holds truths, which select and multiply nothing."""
    axes: tuple[int, ...] = ()
    """The axes along which it varied when it was multiplied, counted from the last, which is -1."""
    strides: tuple[int, ...] = ()
    """Its strides then."""
    sizes: tuple[int, ...] = ()
    """Its shape then."""
    left_strides: tuple[int, ...] = ()
    """The strides of axes from which one step was chosen, as of a tensor of frames one frame."""
    copies: bool = False
    """Whether its values are copies of fewer, although its layout does not show it."""

    @property
    def is_tap(self) -> bool:
        """Whether it is a constant with one value for each channel at most."""
        return self.constant and len(self.axes) <= 1

    def is_other_piece(self, other: Factor) -> bool:
        """Return whether both are pieces of one tensor, and not the same one."""
        return 0 != self.origin == other.origin and self.piece != other.piece

    def is_same_as(self, other: Factor) -> bool:
        """Return whether both are one piece of one tensor, or constants of the same values."""
        if self.origin and (self.origin, self.piece) == (other.origin, other.piece):
            return True
        if self.value is None or other.value is None or self.value.shape != other.value.shape:
            return False
        return bool((self.value == other.value).all())

    def shift_axis(self, other: Factor) -> int | None:
        """Return the axis along which both are shifted against each other, if that is known.

        It is 0 for an axis that they have left: whole steps of it were chosen, as rows of a tensor,
        whose values stand beside each other. The halves of pairs do not.
        """
        if self.piece[0] != other.piece[0]:
            return None
        shift = abs(self.piece[1] - other.piece[1])
        count = len(self.strides)
        steps = [(step, at - count) for at, step in enumerate(self.strides) if 0 < step <= shift]
        row = min([step * size for step, size in self._varied_steps], default=1)
        steps += [(step, 0) for step in self.left_strides if step >= row and shift % step == 0]
        return max(steps)[1] if steps else None

    @property
    def _varied_steps(self) -> list[tuple[int, int]]:
        """Stride and size of each axis that has several values."""
        pairs = zip(self.strides, self.sizes, strict=True)
        return [(step, size) for step, size in pairs if step and size > 1]

    def is_apart_from(self, other: Factor) -> bool:
        """Return whether both are known to be pieces of one tensor that have no value in common."""
        axis = self.shift_axis(other)
        if axis is None:
            return False
        shift = abs(self.piece[1] - other.piece[1])
        return axis == 0 or shift >= self.strides[axis] * self.sizes[axis]

    def meets_several(self, other: Factor) -> bool:
        """Return whether each of its values is multiplied with several values of ``other``."""
        if self.layout is None or other.layout is None:
            return False
        axes = range(min(self.layout.dim(), other.layout.dim()))
        return any(varies(other.layout, at) and not varies(self.layout, at) for at in axes)

    @property
    def selects(self) -> bool:
        """Whether it is a mask: truths, or a constant of zeros and ones."""
        if self.chosen:
            return True
        if self.value is None or self.value.is_complex():
            return False
        zeros = self.value == 0
        return bool(zeros.any()) and bool((zeros | (self.value == 1)).all())

    @property
    def is_whole(self) -> bool:
        """Whether it is a constant known to hold whole numbers alone."""
        if self.value is None or self.value.is_complex():
            return False
        return bool((self.value == self.value.round()).all())


def macs_per_value(first: object, second: object) -> int:
    """Return the real multiply-accumulates of a product of two tensors or numbers."""
    complex_factors = sum(_is_complex(each) for each in (first, second))
    return (1, 2, 4)[complex_factors]


def _is_complex(factor: object) -> bool:
    return factor.is_complex() if isinstance(factor, Tensor) else isinstance(factor, complex)
