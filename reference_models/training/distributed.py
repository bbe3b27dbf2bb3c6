"""Training in one process, or in several that ``torchrun`` started."""

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
    """Which process this is, and where it computes."""

    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def data_parallel(self, network: nn.Module, *, find_unused: bool) -> nn.Module:
        """``network`` with its gradients averaged over the processes.

        Args:
            network: The same on all of them.
            find_unused: Whether a step may leave parameters out, the same ones everywhere.
        """
        if self.count == 1:
            return network
        return DistributedDataParallel(network, find_unused_parameters=find_unused)

    def total(self, x: Tensor) -> Tensor:
        """The sum of every process's ``x``, in place."""
        return summed(x)

    def wait(self) -> None:
        """Until all processes have come here."""
        if self.count > 1:
            distributed.barrier()


def is_first_rank() -> bool:
    """Return whether this process will be :attr:`ProcessGroup.is_first` once all have joined."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def process_group() -> Iterator[ProcessGroup]:
    """Join the processes that ``torchrun`` started, or yield this one alone.

    NCCL between GPUs, one for each process; gloo between CPUs.
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
