"""The layers and blocks of a coder with their rows on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from lrac_audit.design.steps import LstmStack, Step, layers

HAS_OWN_WIDTHS: KindRegistry[bool] = KindRegistry("place in a sheet")
"""Whether the channels of the layers in a kind of composite follow from its first row."""
HAS_OWN_WIDTHS.add(ResidualUnit)(True)
HAS_OWN_WIDTHS.add(Encoder, EncoderBlock, Decoder, DecoderBlock, LstmStack)(False)


class PlacedStep(NamedTuple):
    """A layer of the signal path and its row on the page."""

    step: Step
    row: int
    before: Step | None
    """The layer before; None for the first."""
    row_before: int
    """The row of that layer, between which and this one the row of a block may stand."""
    unit: Step | None
    """The residual unit that the layer belongs to, if it stands in one."""
    unit_row: int
    """The first row of that unit."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """The columns that somebody types into, each with its field of the design."""
        return input_fields(self.step.path, type(self.step.part))


class PlacedBlock(NamedTuple):
    """A block of the coder and the row that sums it up, above the rows of its layers."""

    step: Step
    row: int
    last: int
    """The row of its last layer."""

    @property
    def first(self) -> int:
        """The row of its first layer."""
        return self.row + 1


class Placement(NamedTuple):
    """The rows of a page from top to bottom."""

    steps: Sequence[PlacedStep]
    blocks: Sequence[PlacedBlock]

    @property
    def last(self) -> int:
        """The last row, which is that of a layer."""
        return self.steps[-1].row

    @property
    def top_rows(self) -> Sequence[int]:
        """The rows that add up to the whole: those of blocks, and of layers in none."""
        inside = {row for block in self.blocks for row in range(block.first, block.last + 1)}
        rows = {placed.row for placed in self.steps} | {block.row for block in self.blocks}
        return sorted(rows - inside)


def placement(coder: Step) -> Placement:
    """Return the layers and the blocks of ``coder`` with their rows."""
    found: list[PlacedStep] = []
    blocks: list[PlacedBlock] = []
    row = FIRST_ROW
    for part in coder.inner or ():
        steps = list(_with_units(part, None))
        if isinstance(part.part, EncoderBlock | DecoderBlock):
            blocks.append(PlacedBlock(part, row, row + len(layers(part))))
            row += 1
        for step, unit in steps:
            found.append(_placed(step, row, unit, found[-1] if found else None))
            row += 1
    return Placement(found, blocks)


def _placed(step: Step, row: int, unit: Step | None, before: PlacedStep | None) -> PlacedStep:
    if before is None:
        return PlacedStep(step, row, None, row - 1, unit, row)
    unit_row = before.unit_row if before.unit is unit else row
    return PlacedStep(step, row, before.step, before.row, unit, unit_row)


def _with_units(step: Step, unit: Step | None) -> Iterator[tuple[Step, Step | None]]:
    if step.inner is None:
        yield step, unit
        return
    inside = step if HAS_OWN_WIDTHS.of(step.path, step.part) else unit
    for inner in step.inner:
        yield from _with_units(inner, inside)
