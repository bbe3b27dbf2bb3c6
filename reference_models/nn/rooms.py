"""Where recorded operations keep their results: in rooms that they use one after another.

What nobody reads any more makes room for later results, so that a whole frame stays in the fast
caches: 0.2 MB instead of 0.8 MB for one side of the Track 1 baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from reference_models.nn.recording import Operation, memory_of, tensors_in


@dataclass(slots=True)
class Life:
    """How long the memory of a result is needed."""

    first: int
    """Index of the operation that writes it."""
    last: int
    """Index of the last operation that reads it."""
    size_bytes: int


@dataclass(slots=True, eq=False)
class Room:
    """Memory for one result at a time."""

    size_bytes: int
    taken_until: int
    """Index of the last operation that needs what is in it."""


def share_rooms(operations: Sequence[Operation], kept: Tensor) -> None:
    """Move the results of ``operations`` and all views of them; ``kept`` stays where it is.

    Their values are lost: the operations have to run again, from the first to the last.
    """
    taken = _assigned(_lives(operations, kept))
    stores = {
        room: torch.empty(room.size_bytes, dtype=torch.uint8, device=kept.device).untyped_storage()
        for room in taken.values()
    }
    for operation in operations:
        for tensor in operation.tensors():
            room = taken.get(memory_of(tensor))
            if room is not None:
                offset, strides = tensor.storage_offset(), tensor.stride()
                tensor.set_(stores[room], offset, tensor.shape, strides)


def _lives(operations: Sequence[Operation], kept: Tensor) -> dict[int, Life]:
    """By memory, in the order of first use."""
    results = [tensor for operation in operations for tensor in tensors_in(operation.result)]
    made = {memory_of(tensor) for tensor in results} - {memory_of(kept)}
    lives: dict[int, Life] = {}
    for index, operation in enumerate(operations):
        for tensor in operation.tensors():
            memory = memory_of(tensor)
            if memory in made:
                size_bytes = tensor.untyped_storage().nbytes()
                lives.setdefault(memory, Life(index, index, size_bytes)).last = index
    return lives


def _assigned(lives: dict[int, Life]) -> dict[int, Room]:
    """A room for each life: a free one that is hardly larger, or the largest, made larger."""
    rooms: list[Room] = []
    taken = {}
    for memory, life in lives.items():
        free = [room for room in rooms if room.taken_until < life.first]
        if not free:
            free = [Room(0, 0)]
            rooms += free
        needed = life.size_bytes
        room = min(free, key=lambda r: (r.size_bytes < needed, abs(r.size_bytes - needed)))
        room.size_bytes, room.taken_until = max(room.size_bytes, needed), life.last
        taken[memory] = room
    return taken
