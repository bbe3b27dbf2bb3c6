"""Pairs of strides: one of the encoder, and the one of the decoder that undoes it.

The hop stays the same on both sides only where both change together. A kernel that is a multiple of
its stride stays that multiple, any other keeps what it reaches beyond it; a window is as many hops
as before; and what was none, half or all of the overlap as a trim or a look-ahead stays so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lrac_audit.auditing.changing.consistent import Fields, Values
from lrac_audit.auditing.changing.knob import Knob
from lrac_audit.design.addresses import Address

RATES = ("stride", "factor", "hop")
"""Fields that change the rate, which only pairs of them may do."""
MAX_TRIED = 8


@dataclass(frozen=True)
class StridePair(Knob):
    """Two equal strides, one on each side."""

    fields: Fields
    down: Address
    up: Address

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Return both strides."""
        return self.down, self.up

    @property
    def tried(self) -> int:
        """Try a few: windows and widths around a stride may divide only some values."""
        return MAX_TRIED

    @property
    def value(self) -> int:
        """The stride."""
        return int(self.fields.values[self.down])

    def setting(self, value: int) -> Values:
        """Return both strides at ``value``, with the kernels that go with it."""
        return dict(_with_kernel(self.fields, self.down, value)) | dict(
            _with_kernel(self.fields, self.up, value)
        )


def stride_pairs(fields: Fields) -> list[StridePair]:
    """Return the pairs; a stride that the other side does not have is in none."""
    downs = _rates(fields.values, "encoder")
    ups = [*reversed(_rates(fields.values, "decoder"))]
    found = []
    for down in downs:
        alike = [up for up in ups if fields.values[up] == fields.values[down]]
        if alike:
            found.append(StridePair(fields, down, alike[0]))
            ups.remove(alike[0])
    return found


def _rates(values: Values, side: str) -> list[Address]:
    """Return the strides of a side: all of its blocks, and of listed layers those above 1."""
    return [
        address
        for address, value in values.items()
        if address[0] == side and address[-1] in RATES and (value > 1 or address[1] == "blocks")
    ]


def _with_kernel(fields: Fields, address: Address, value: int) -> Iterator[tuple[Address, Any]]:
    """Yield a stride at ``value``, and the fields beside it that go with it."""
    stride, beside = fields.values[address], address[:-1]
    yield address, value

    def beside_it(name: str) -> Any:
        return fields.values.get((*beside, name))

    before, after = stride, value  # the overlap of frames of two hops
    if (window := beside_it("window")) is not None:
        yield (*beside, "window"), window // stride * value
        before, after = window - stride, (window // stride - 1) * value
    if (kernel := beside_it("kernel")) is not None:
        taps = kernel // stride * value if kernel % stride == 0 else kernel + value - stride
        yield (*beside, "kernel"), max(taps, 1)
        dilation = beside_it("dilation") or 1
        before = (kernel - 1) * dilation + 1 - stride
        after = (max(taps, 1) - 1) * dilation + 1 - value
    after = max(after, 0)
    for name, half in (("trim", after - after // 2), ("look_ahead", after // 2)):
        if (part := beside_it(name)) is not None:
            yield (*beside, name), _share(part, before, after, half)


def _share(part: int, before: int, after: int, half: int) -> int:
    """Return ``part`` of ``before`` as the same of ``after`` where it is none, half or all."""
    shares = {before // 2: half, before - before // 2: half, before: after, 0: 0}
    return shares.get(part, min(part, after))
