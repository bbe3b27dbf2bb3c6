"""Programs: the flat list of operations that computes one frame of one side of a codec.

A program is what a graph or a C engine is written from. It names everything that is read, written
and kept; nothing in it is decided while it runs.

* A **value** is a buffer ``[rows, columns]`` that lives within one frame: time steps by channels.
* A **state** is kept from one frame to the next and starts with zeros. It has the name of the
  ledger's row that counts it.
* A **constant** holds weights, laid out as the torch module has them.
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
from reference_models.export.signal import ValidRows

Constant = NDArray[np.float32]


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
    """Whether a skip path holds it back: the ledger's ``held_values`` rather than ``state_values``."""
    waiting_rows: int = 0
    """Those of the rows that wait for the rest of a stride, which the ledger does not count."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation: what it reads and keeps, and the value that it writes."""

    row: str
    """Name of the ledger's row that it is a part of."""
    reads: tuple[str, ...]
    """Names of values."""
    writes: str
    """Name of a value, which no other operation writes."""
    keeps: tuple[str, ...] = ()
    """Names of states, which it reads and then replaces."""
    constants: tuple[str, ...] = ()
    """Names of constants."""
    layer: int = 0
    """The quantizer layer that it belongs to. While no more layers than that are active, its result
    is zeros."""


@dataclass(frozen=True, kw_only=True)
class Join(Operation):
    """Put the kept rows before those of the input; keep as many of the last rows.

    In the input, rows that are not ``valid`` count as zeros.
    """

    valid: ValidRows


@dataclass(frozen=True, kw_only=True)
class Delay(Operation):
    """Give the kept rows and then those of the input, as many as the input has; keep the rest."""


@dataclass(frozen=True, kw_only=True)
class Convolve(Operation):
    """Write a convolution: output row ``t`` reads the rows ``first + t stride + j dilation``.

    Constants: weight ``[C_out, C_in / groups, kernel]``, and a bias ``[C_out]`` if it has one. A
    linear map is a convolution with a kernel of 1.
    """

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    first: int = 0


@dataclass(frozen=True, kw_only=True)
class ConvolveTransposed(Operation):
    """Write a transposed convolution, overlapping and adding.

    Input row ``t`` adds to the sums ``t stride`` to ``t stride + kernel - 1``. The first sums are
    those kept; the first ``rows stride`` of all, plus bias, are written, and the rest is kept. Input
    rows that are not ``valid`` count as zeros. Constants: weight ``[C_in, C_out / groups, kernel]``,
    and a bias ``[C_out]`` if it has one.
    """

    kernel: int
    stride: int
    groups: int
    valid: ValidRows


@dataclass(frozen=True, kw_only=True)
class Activate(Operation):
    """Write a pointwise activation of the design's kinds.

    Constants: its learned values, one a channel or a single one.
    """

    kind: str
    parameters: tuple[tuple[str, float], ...]
    """All of its parameters, the defaults included."""


@dataclass(frozen=True, kw_only=True)
class Add(Operation):
    """Write the sum of two values."""


@dataclass(frozen=True, kw_only=True)
class Subtract(Operation):
    """Write the first value minus the second."""


@dataclass(frozen=True, kw_only=True)
class Recur(Operation):
    """Write the hidden vectors of one recurrent layer, step by step.

    It keeps the hidden vector ``[1, H]``, of an LSTM also the cell. Steps before the first ``valid``
    row leave the state at zero. Constants: ``weight_ih [G H, C]``, ``weight_hh [G H, H]``,
    ``bias_ih [G H]`` and ``bias_hh [G H]`` with torch's order of gates.
    """

    kind: Literal["lstm", "gru"]
    valid: ValidRows


@dataclass(frozen=True, kw_only=True)
class Search(Operation):
    """Write the index of the nearest codeword to each row, the first of equals.

    That is the smallest ``|e|^2 / 2 - x.e``, in double precision. Constant: codebook ``[K, d]``.
    """


@dataclass(frozen=True, kw_only=True)
class Lookup(Operation):
    """Write the table's row of each index. Constant: table ``[K, D]``."""


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
    """The steps that go out: latent steps or audio samples."""

    @property
    def start_frames(self) -> int:
        """Frames at the start of a stream in which some rows are not yet steps of the clip."""
        checked = [op.valid for op in self.operations if isinstance(op, WITH_MEMORY)]
        return max(valid.start_frames for valid in (self.output, *checked))


WITH_MEMORY = (Join, ConvolveTransposed, Recur)
"""Operations for which it matters whether a row is a step of the clip."""
