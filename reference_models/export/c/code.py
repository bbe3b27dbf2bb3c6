"""The code of one side in the making: names of what its operations use, and its packed weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import NamedTuple

import numpy as np

from reference_models.export.c.memory import ScratchPlan, workspace_of
from reference_models.export.c.packing import Floats, packed, packed_int8, packed_table_int8
from reference_models.export.program import Program
from reference_models.export.quantization import Means, lost
from reference_models.export.signal import ValidRows

VALUE_BYTES = 4
"""Bytes of a weight value in C: a float, or four weights in 8 bits."""


class SideCode:
    """C expressions of what the operations of a program use."""

    def __init__(self, program: Program, plan: ScratchPlan, means: Means | None = None) -> None:
        """Start without weights; with ``means`` of values over time they are stored in 8 bits."""
        self.program = program
        self.is_int8 = means is not None
        """Whether the weights of products and tables are stored in 8 bits."""
        self._means = means
        self.in_windows = plan.in_windows
        """Values that are written into a window at once."""
        self._plan = plan
        self._weights = bytearray()
        self._spans: dict[tuple[ValidRows, int], str] = {}
        self._tables: list[str] = []
        self._states = dict(zip(program.states, _starts(program), strict=True))

    def value(self, name: str) -> str:
        """Return the address of a value."""
        if self.program.values[name].is_index:
            return f"index + {self._plan.index_offsets[name]}"
        return f"s + {self._plan.offsets[name]}"

    def workspace(self, written: str) -> str:
        """Return the address of the working space of the operation that writes ``written``."""
        return f"s + {self._plan.offsets[workspace_of(written)]}"

    def state(self, names: tuple[str, ...]) -> str:
        """Return the address of a state, the only one of ``names``; of none, NULL."""
        return f"state + {self._states[names[0]]}" if names else "NULL"

    def weights(self, values: Floats | None) -> str:
        """Enter floats and return their address; of none, NULL."""
        return "NULL" if values is None else self._entered(values.astype("<f4").tobytes())

    def products(self, matrices: Sequence[Floats]) -> str:
        """Enter the weights ``[outputs, inputs]`` of products and return their address."""
        if self.is_int8:
            return self._entered(b"".join(map(packed_int8, matrices)))
        return self.weights(np.concatenate(list(map(packed, matrices))))

    def lookup_table(self, table: Floats) -> str:
        """Enter a table of entries that are looked up and return its address."""
        return self._entered(packed_table_int8(table)) if self.is_int8 else self.weights(table)

    def lost(self, value: str, matrices: Sequence[Floats], groups: int) -> Floats:
        """Return what products of ``value`` and ``matrices`` lose on average to 8 bits.

        Each group of its columns is read by a matrix of its own, and again for each tap.
        """
        if self._means is None:
            return np.zeros(sum(map(len, matrices)), np.float32)
        means = cycle(np.split(self._means[value], groups))
        pairs = zip(matrices, means, strict=False)
        return np.concatenate([lost(matrix, 0, mean) for matrix, mean in pairs])

    def bias(self, names: tuple[str, ...], correction: Floats) -> str:
        """Enter the bias, the second of ``names``, with a correction; NULL if there is none."""
        bias = self.program.constants[names[1]] + correction if len(names) > 1 else None
        return self.weights(bias)

    def _entered(self, content: bytes) -> str:
        start = len(self._weights) // VALUE_BYTES
        self._weights += content
        return f"w + {start}"

    def constant(self, names: tuple[str, ...], which: int) -> str:
        """Return the address of a constant as it is; NULL if there are not so many."""
        has = which < len(names)
        return self.weights(self.program.constants[names[which]] if has else None)

    def span(self, valid: ValidRows, past: int = 0) -> str:
        """Return the name of the rows of a signal that are steps of the clip.

        They are counted from ``past`` rows before those of the frame on.
        """
        return self._spans.setdefault((valid, past), f"rows_{len(self._spans)}")

    def table(self, kind: str, entries: Iterable[str]) -> str:
        """Enter a constant array of the C type ``kind`` and return its name."""
        name = f"table_{len(self._tables)}"
        self._tables.append(f"static const {kind} {name}[] = {{{', '.join(entries)}}};")
        return name

    @property
    def packed_weights(self) -> bytes:
        """All weights, in the order in which they were entered."""
        return bytes(self._weights)

    def declarations(self) -> Iterable[str]:
        """Yield the tables, and the lines that compute the rows which are steps of the clip."""
        yield from self._tables
        for (valid, past), name in self._spans.items():
            changes = ", ".join(f"{{{up}, {down}}}" for up, down in valid.length)
            given = "NULL"
            if changes:
                given = f"{name}_rates"
                yield f"static const lrac_rate_change {given}[] = {{{changes}}};"
            numbers = f"{valid.rows}, {past}, {valid.lag}"
            arguments = f"at, {numbers}, {given}, {len(valid.length)}"
            yield f"const lrac_span {name} = lrac_span_of({arguments});"


class Shape(NamedTuple):
    """The shape of a product, as ``lrac_shape`` has it."""

    rows: int
    row_step: int
    taps: int
    tap_step: int
    run: int
    outputs: int
    output_step: int
    adds: int
    is_int8: int

    def __str__(self) -> str:
        return f"&(const lrac_shape){{{', '.join(map(str, self))}}}"


def _starts(program: Program) -> list[int]:
    sizes = [state.rows * state.columns for state in program.states.values()]
    return [sum(sizes[:i]) for i in range(len(sizes))]
