"""Programs: the flat list of operations that computes one frame of one side of a codec.

A program is what a graph or a C engine is written from. It names everything that is read, written
and kept; nothing in it is decided while it runs.

* A **value** is a buffer ``[rows, columns]`` that lives within one frame: time steps by channels.
* A **state** is kept from one frame to the next and starts with zeros. It has the name of the
  ledger's row that counts it, with one more word where a row keeps several.
* A **constant** holds weights in the codec's own type, laid out as the torch module has them.
* **Indices** are values of whole numbers with one column.

How rows and time steps belong together is described in :mod:`reference_models.export.signal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrac_audit.design.parts import CodecDesign
from reference_models.export.operations.operation import Operation, WithMemory
from reference_models.export.signal import ValidRows

Constant = NDArray[np.floating]


class Value(NamedTuple):
    """A buffer that lives within one frame."""

    rows: int
    columns: int
    is_index: bool = False
    """Whether it holds whole numbers."""


class State(NamedTuple):
    """A buffer that is kept from one frame to the next."""

    rows: int
    columns: int
    is_held: bool = False
    """Whether a skip path holds it back: ledger's ``held_values`` rather than ``state_values``."""
    waiting_rows: int = 0
    """Those of the rows that wait for the rest of a stride, which the ledger does not count."""


@dataclass(frozen=True)
class Program:
    """The operations of one frame of one side, in their order."""

    side: Literal["transmit", "receive"]
    design: CodecDesign
    layers: int
    """Layers of the quantizer that it computes, of which fewer may be active."""
    inputs: tuple[str, ...]
    """Values that come in: the audio ``[hop, C]`` of a frame, or its indices."""
    outputs: tuple[str, ...]
    """Values that go out: the indices of a frame, or its audio ``[hop, C]``."""
    values: Mapping[str, Value]
    states: Mapping[str, State]
    constants: Mapping[str, Constant]
    operations: tuple[Operation, ...]
    output: ValidRows
    """The steps that go out: frames of indices or audio samples."""
    watched: tuple[str, ...] = ()
    """Values that last to the end of a frame, as the outputs do, so that they can be looked at."""

    @property
    def start_frames(self) -> int:
        """Frames at the start of a stream in which some rows are not yet steps of the clip."""
        frames = [op.start_frames for op in self.operations if isinstance(op, WithMemory)]
        return max([self.output.start_frames, *frames])
