"""The body of a graph: the nodes of one frame, as a program's operations write them one by one.

A value of a program has one of two layouts in a graph, by its number of time steps:

* ``ROWS``, ``[T, C]``, where there are few. A convolution gathers its taps into rows and is one
  matrix product with the weights on the right, which the runtime packs once.
* ``CHANNELS``, ``[1, C, T]``, where there are many and few channels. There a convolution is a node.

Indices are ``[T]``. The body for frames at the edges of a clip replaces rows outside the clip by
zeros; that for all other frames has nothing of the kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from lrac_audit.design.kind_registry import KindRegistry
from reference_models.export.onnx.constants import Constants
from reference_models.export.onnx.edges import FRAME, Edges
from reference_models.export.operations.operation import Operation
from reference_models.export.program import Program
from reference_models.export.quantization import Means, lost

MANY_ROWS = 100
"""Time steps from which on a value is laid out by channels; by measurement, see docs/export.md."""


class Layout(Enum):
    """The order of the axes of a value, by the axes of its time steps and its channels."""

    ROWS = (0, 1)
    CHANNELS = (2, 1)

    @property
    def time_axis(self) -> int:
        """The axis of time steps."""
        return self.value[0]

    def shape(self, rows: int, columns: int) -> tuple[int, ...]:
        """Return the shape of a value ``[rows, columns]``."""
        return (rows, columns) if self is Layout.ROWS else (1, columns, rows)

    def of_columns(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return ``values``, one a column, in a shape that broadcasts along time."""
        return values if self is Layout.ROWS else values[:, None]


class Body:
    """The nodes of one frame in the making."""

    def __init__(self, program: Program, at_edges: bool, means: Means | None = None) -> None:
        """Start without nodes; with ``means`` of values over time, weights are stored in 8 bits."""
        self.program = program
        self.means = means
        self.constants = Constants(int8=means is not None)
        self.edges = Edges(self.constants) if at_edges else None
        self.nodes: list[NodeProto] = []
        self.states: dict[str, tuple[int, tuple[int, ...]]] = {}
        """Types and shapes of the states, by name."""
        self.next_states: dict[str, str] = {}
        """The outputs of nodes that replace the states."""
        self.reads_frame = at_edges
        """Whether the number of the frame is an input."""
        self._row = "frame"
        self._uses: Counter[str] = Counter()
        self._names: dict[str, dict[Layout, str]] = {}
        self._indices: dict[str, str] = {}

    def run(self, operation: Operation) -> None:
        """Write the nodes of ``operation``.

        Raises:
            InputError: its kind has none.
        """
        self._row = operation.row
        NODES.of(operation.row, operation)(self, operation)

    def node(self, kind: str, reads: Sequence[str], what: str, **attributes: Any) -> str:
        """Add a node ``<row>/<what>`` of one output, and return the output's name."""
        return self.node_of(kind, reads, what, 1, **attributes)[0]

    def node_of(
        self, kind: str, reads: Sequence[str], what: str, outputs: int, **attributes: Any
    ) -> list[str]:
        """Add a node ``<row>/<what>`` of several outputs, and return their names.

        A second one of that name in a row, such as of another branch, has a number behind it.
        """
        name = f"{self._row}/{what}"
        self._uses[name] += 1
        if self._uses[name] > 1:
            name = f"{name}.{self._uses[name]}"
        writes = [f"{name}:{i}" if i else name for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, reads, writes, name, **attributes))
        return writes

    def weights(self, operation: Operation) -> list[NDArray[np.float32]]:
        """Return the constants of ``operation``, in single precision."""
        return [self.program.constants[name].astype(np.float32) for name in operation.constants]

    def lost(self, value: str, matrix: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
        """Return what a product of ``value`` and weights in 8 bits loses on average.

        See :func:`reference_models.export.quantization.lost`; zeros without calibration.
        """
        if self.means is None:
            return np.zeros(matrix.shape[axis], np.float32)
        return lost(matrix, axis, self.means[value])

    def read(self, value: str, layout: Layout | None = None) -> str:
        """Return the name that has ``value`` in a ``layout``, by default the one it is in."""
        names = self._names[value]
        if layout is None:
            return names[self.layout(value)]
        if layout not in names:
            names[layout] = self._converted(value, layout)
        return names[layout]

    def layout(self, value: str) -> Layout:
        """Return the layout that ``value`` is in."""
        return next(iter(self._names[value]))

    def write(self, value: str, name: str, layout: Layout, keeps_layout: bool = False) -> None:
        """Enter what a node wrote as ``value``, in the layout that suits its number of rows."""
        self._names[value] = {layout: name}
        suits = Layout.CHANNELS if self.program.values[value].rows >= MANY_ROWS else Layout.ROWS
        if layout is not suits and not keeps_layout:
            self._names[value] = {suits: self._converted(value, suits)}

    def read_index(self, value: str) -> str:
        """Return the name of indices."""
        return self._indices[value]

    def write_index(self, value: str, name: str) -> None:
        """Enter what a node wrote as the indices ``value``."""
        self._indices[value] = name

    def kept(self, state: str, layout: Layout) -> str:
        """Return the name of a state that an operation keeps in ``layout``."""
        return self._state(state, TensorProto.FLOAT, layout)

    def kept_number(self, state: str) -> str:
        """Return the name of a state ``[1, 1]`` that is a whole number."""
        return self._state(state, TensorProto.INT64, Layout.ROWS)

    def _state(self, state: str, kind: int, layout: Layout) -> str:
        self.states[state] = kind, layout.shape(*self.program.states[state][:2])
        return f"state.{state}"

    def keep(self, state: str, name: str) -> None:
        """Replace a state by what a node wrote."""
        self.next_states[state] = name

    def frame(self) -> str:
        """Return the name of the number of frames that came before this one in the stream."""
        self.reads_frame = True
        return FRAME

    def rows(self, name: str, layout: Layout, rows: range, what: str) -> str:
        """Return consecutive rows of what a node wrote."""
        ints = self.constants.ints
        limits = [ints(rows.start), ints(rows.stop), ints(layout.time_axis)]
        return self.node("Slice", [name, *limits], what)

    def within_clip(self, name: str, layout: Layout, operation: Any) -> str:
        """Return what a node wrote, with zeros for the rows that are not ``operation.valid``."""
        if self.edges is None:
            return name
        mask = self.edges.mask(operation.valid, layout.time_axis)
        return self.node("Where", [mask, name, self.constants.zero], "within_clip")

    def _converted(self, value: str, layout: Layout) -> str:
        (other, name), *_ = self._names[value].items()
        key = value.replace("/", ".")
        if layout is Layout.CHANNELS:
            turned = self.node("Transpose", [name], f"{key}.turned", perm=[1, 0])
            return self.node("Unsqueeze", [turned, self.constants.ints(0)], f"{key}.channels")
        assert other is Layout.CHANNELS
        flat = self.node("Squeeze", [name, self.constants.ints(0)], f"{key}.flat")
        return self.node("Transpose", [flat], f"{key}.rows", perm=[1, 0])


NodeWriter = Callable[[Body, Any], None]
NODES: KindRegistry[NodeWriter] = KindRegistry("form in ONNX")
"""What writes the nodes of each kind of operation."""
