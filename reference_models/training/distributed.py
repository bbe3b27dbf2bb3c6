"""Distributed training: one process, or several that ``torchrun`` started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from reference_models.nn.codebook_sync import summed


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """The rank of this process, the number of processes, and the device of this one."""

    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes files and messages."""
        return self.rank == 0

    def data_parallel(self, network: nn.Module, *, find_unused: bool) -> nn.Module:
        """Return ``network`` with its gradients averaged over the processes.

        Args:
            network: The same on all of them.
            find_unused: Whether a step may leave parameters out, the same ones everywhere.
        """
        if self.count == 1:
            return network
        return DistributedDataParallel(network, find_unused_parameters=find_unused)

    def total(self, x: Tensor) -> Tensor:
        """Replace ``x`` by its sum over all processes, and return it."""
        return summed(x)

    def wait(self) -> None:
        """Wait until all processes have called this."""
        if self.count > 1:
            distributed.barrier()


def is_first_rank() -> bool:
    """Return whether this process will be :attr:`ProcessGroup.is_first` once all have joined."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def process_group() -> Iterator[ProcessGroup]:
    """Join the processes that ``torchrun`` started, or yield a group of this one alone.

    The backend is NCCL between GPUs, one for each process, and gloo between CPUs.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    on_gpu = torch.cuda.is_available()
    device = torch.device("cuda", local_rank) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(device)
        torch.backends.cudnn.benchmark = True
    if count == 1:
        yield ProcessGroup(0, 1, device)
        return
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield ProcessGroup(distributed.get_rank(), count, device)
    finally:
        distributed.destroy_process_group()
