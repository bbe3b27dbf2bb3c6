"""Batches of windows of speech."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """A batch of windows."""

    target: Tensor
    """``[B, 1, T]``: the audio that should come out."""
    input: Tensor
    """``[B, 1, T]``: the audio that goes in; the same tensor when nothing is augmented."""
    ids: tuple[str, ...]
    """Utterance and first sample of each window, as ``uid@start``."""

    def to(self, device: torch.device) -> Batch:
        """Return the batch on ``device``; a tensor that serves as both is copied once."""
        target = self.target.to(device, non_blocking=True)
        same = self.input is self.target
        return Batch(target, target if same else self.input.to(device, non_blocking=True), self.ids)
