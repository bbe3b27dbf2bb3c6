"""Places of values in the scratch memory of a frame, which values share whose lives do not meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reference_models.export.operations.operation import Operation
from reference_models.export.operations.rows import Join
from reference_models.export.program import Program


class Buffer(NamedTuple):
    """A piece of scratch memory, and the operations during which it is in use."""

    name: str
    size: int
    first: int
    last: int


class ScratchPlan(NamedTuple):
    """Places in the scratch memory of one side."""

    offsets: Mapping[str, int]
    """First float of each value that holds floats, and of the working space of an operation."""
    size: int
    """Floats in all."""
    in_windows: frozenset[str]
    """Values that are written into a window at once."""
    index_offsets: Mapping[str, int]
    """First place of each value that holds indices; these share nothing."""
    index_size: int


def scratch_plan(
    program: Program, room_behind: Mapping[str, int], working_space: Mapping[str, int]
) -> ScratchPlan:
    """Return the places of the values of ``program``.

    Args:
        program: The program.
        room_behind: Floats that stay free behind a value, while it is written.
        working_space: Floats of working space of the operation that writes a value.
    """
    windows = values_in_windows(program)
    buffers = _buffers(program, windows, room_behind, working_space)
    offsets, size = placed(buffers)
    for name, join in windows.items():
        window, value = program.values[join.writes], program.values[name]
        offsets[name] = offsets[join.writes] + (window.rows - value.rows) * value.columns
    index_offsets, index_size = _index_places(program)
    return ScratchPlan(offsets, size, frozenset(windows), index_offsets, index_size)


def workspace_of(value: str) -> str:
    """Return the name of the working space of the operation that writes ``value``."""
    return f"{value} (working space)"


def values_in_windows(program: Program) -> dict[str, Join]:
    """Return the values that are written into a window at once, as nothing else reads them."""
    readers: dict[str, list[Operation]] = {}
    for operation in program.operations:
        for name in operation.reads:
            readers.setdefault(name, []).append(operation)
    return {
        name: only[0]
        for name, only in readers.items()
        if len(only) == 1 and isinstance(only[0], Join) and name not in program.outputs
    }


def _buffers(
    program: Program,
    windows: Mapping[str, Join],
    room_behind: Mapping[str, int],
    working_space: Mapping[str, int],
) -> list[Buffer]:
    spaces: dict[str, Buffer] = {}

    def used(name: str, number: int) -> None:
        """Let a value, or the window that it lies in, be in use during an operation."""
        home = windows[name].writes if name in windows else name
        value = program.values[home]
        size = value.rows * value.columns + room_behind.get(name, 0)
        known = spaces.get(home, Buffer(home, size, number, number))
        spaces[home] = known._replace(size=max(size, known.size), last=number)

    for name in program.inputs:
        used(name, -1)
    for number, operation in enumerate(program.operations):
        for name in (operation.writes, *operation.reads):
            used(name, number)
        if space := working_space.get(operation.writes, 0):
            name = workspace_of(operation.writes)
            spaces[name] = Buffer(name, space, number, number)
    for name in (*program.outputs, *program.watched):
        used(name, len(program.operations))
    return [
        space
        for name, space in spaces.items()
        if name not in program.values or not program.values[name].is_index
    ]


def placed(buffers: Iterable[Buffer]) -> tuple[dict[str, int], int]:
    """Return the offset of each buffer, and the size of all: the largest are placed first."""
    settled: list[tuple[int, Buffer]] = []
    for buffer in sorted(buffers, key=lambda each: (-each.size, each.first, each.name)):
        beside = [
            (offset, other.size)
            for offset, other in settled
            if buffer.first <= other.last and other.first <= buffer.last
        ]
        settled.append((_lowest_gap(beside, buffer.size), buffer))
    size = max((offset + buffer.size for offset, buffer in settled), default=0)
    return {buffer.name: offset for offset, buffer in settled}, size


def _lowest_gap(taken: Sequence[tuple[int, int]], size: int) -> int:
    """Return the lowest offset of ``size`` free floats beside the ``taken`` offsets and sizes."""
    start = 0
    for offset, length in sorted(taken):
        if offset - start >= size:
            break
        start = max(start, offset + length)
    return start


def _index_places(program: Program) -> tuple[dict[str, int], int]:
    offsets, size = {}, 0
    for name, value in program.values.items():
        if value.is_index:
            offsets[name] = size
            size += value.rows * value.columns
    return offsets, size
