"""What codebooks that learn in several processes at once must agree on.

In a single process nothing here does anything. In several, every call must be made by all of them
in the same order.
"""

from __future__ import annotations

import torch
from torch import Tensor, distributed


def process_count() -> int:
    """Processes that learn together."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return 1


def summed(x: Tensor) -> Tensor:
    """The sum of every process's ``x``, in place."""
    if process_count() > 1:
        distributed.all_reduce(x)
    return x


def sample(x: Tensor, count: int) -> Tensor:
    """``count`` rows at random of every process's ``x [N, d]`` put one behind the other.

    The same row twice only when there are too few. The first process draws; all get the same rows,
    bit by bit, since all but one add zeros.
    """
    if process_count() == 1:
        return x[_indices(len(x), count, x.device)]
    ends = _ends(len(x), x.device)
    indices = _indices(int(ends[-1]), count, x.device)
    distributed.broadcast(indices, src=0)
    own = indices - (ends[distributed.get_rank()] - len(x))
    mine = (own >= 0) & (own < len(x))
    rows = x.new_zeros(count, x.shape[1])
    rows[mine] = x[own[mine]]
    return summed(rows)


def _indices(rows: int, count: int, device: torch.device) -> Tensor:
    if rows >= count:
        return torch.randperm(rows, device=device)[:count]
    return torch.randint(rows, (count,), device=device)


def _ends(rows: int, device: torch.device) -> Tensor:
    """Where each process's rows end when all are put one behind the other."""
    counts = torch.zeros(process_count(), dtype=torch.int64, device=device)
    counts[distributed.get_rank()] = rows
    return summed(counts).cumsum(0)
