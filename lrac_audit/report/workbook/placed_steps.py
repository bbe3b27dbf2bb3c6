"""The layers of a coder with their rows on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import (
    Decoder,
    DecoderBlock,
    Encoder,
    EncoderBlock,
    ResidualUnit,
)
from lrac_audit.design.sheet.layers import input_fields
from lrac_audit.design.sheet.layout import FIRST_ROW
from lrac_audit.design.steps import LstmStack, Step

HAS_OWN_WIDTHS: KindRegistry[bool] = KindRegistry("place in a sheet")
"""Whether the channels of the layers in a kind of composite follow from its first row."""
HAS_OWN_WIDTHS.add(ResidualUnit)(True)
HAS_OWN_WIDTHS.add(Encoder, EncoderBlock, Decoder, DecoderBlock, LstmStack)(False)


class PlacedStep(NamedTuple):
    """A layer of the signal path and its row on the page."""

    step: Step
    row: int
    before: Step | None
    """The layer in the row before; None in the first row."""
    unit: Step | None
    """The residual unit that the layer belongs to, if it stands in one."""
    unit_row: int
    """The first row of that unit."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """The columns that somebody types into, each with its field of the design."""
        return input_fields(self.step.path, type(self.step.part))


def placed_steps(coder: Step) -> list[PlacedStep]:
    """Return the layers of ``coder`` with their rows."""
    found: list[PlacedStep] = []
    for step, unit in _with_units(coder, None):
        row, before = FIRST_ROW + len(found), found[-1] if found else None
        same_unit = before is not None and before.unit is unit
        unit_row = before.unit_row if before is not None and same_unit else row
        found.append(PlacedStep(step, row, before and before.step, unit, unit_row))
    return found


def _with_units(step: Step, unit: Step | None) -> Iterator[tuple[Step, Step | None]]:
    if step.inner is None:
        yield step, unit
        return
    inside = step if HAS_OWN_WIDTHS.of(step.path, step.part) else unit
    for inner in step.inner:
        yield from _with_units(inner, inside)
