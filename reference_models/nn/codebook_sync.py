"""Synchronisation of codebooks that are trained in several processes at once.

In a single process these functions communicate nothing. In several, every process must make the
same calls in the same order.
"""

from __future__ import annotations

import torch
from torch import Tensor, distributed


def process_count() -> int:
    """Return the number of processes that train together."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_world_size()
    return 1


def summed(x: Tensor) -> Tensor:
    """Replace ``x`` by its sum over all processes, and return it."""
    if process_count() > 1:
        distributed.all_reduce(x)
    return x


def from_first(x: Tensor) -> Tensor:
    """Replace ``x`` by that of the first process, and return it."""
    if process_count() > 1:
        distributed.broadcast(x, src=0)
    return x


def sample(x: Tensor, count: int) -> Tensor:
    """Return ``count`` random rows of all processes' ``x [N, d]`` concatenated.

    A row is drawn twice only when there are too few. The first process draws; all get the same
    rows, bit by bit, since for each row all but one of them add zeros.
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
    """Return the end of each process's rows in their concatenation."""
    counts = torch.zeros(process_count(), dtype=torch.int64, device=device)
    counts[distributed.get_rank()] = rows
    return summed(counts).cumsum(0)
