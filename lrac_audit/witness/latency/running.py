"""Running somebody's module without leaving a trace in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def one_thread() -> Iterator[None]:
    """Short clips in double precision: several threads would mostly wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def kept(root: nn.Module) -> Iterator[None]:
    """Leave every tensor of ``root`` and torch's random state as they were, come what may."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        parameters = [(p, p.data) for p in root.parameters()]
        tensors = [
            (table, name, tensor, tensor.detach().clone())
            for module in root.modules()
            for table in (module._buffers, module.__dict__)
            for name, tensor in table.items()
            if isinstance(tensor, Tensor)
        ]
        try:
            yield
        finally:
            for parameter, data in parameters:
                parameter.data = data
            for table, name, tensor, values in tensors:
                if not torch.equal(tensor, values):
                    tensor.data.copy_(values)
                table[name] = tensor
