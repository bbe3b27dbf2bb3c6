"""The interface of every quantizer: a latent to the codes of its active layers, and back."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn


class Quantized(NamedTuple):
    """The output of a quantizer in training."""

    latent: Tensor
    """``[B, D, F]``, differentiable."""
    codes: Tensor
    """``[n, B, F]``."""
    commitment: Tensor
    """Mean over the active layers; 0 for a quantizer that has no codebooks."""


class Quantizer(nn.Module):
    """A quantizer, which has no state from one frame to the next."""

    layer_count: int
    """Layers, of which the first few may be active alone."""

    def check_active(self, count: int) -> None:
        """Make sure that ``count`` layers can be active.

        Raises:
            ValueError: there are fewer, or it is none.
        """
        if not 1 <= count <= self.layer_count:
            raise ValueError(f"given {count} active layers; allowed: 1 to {self.layer_count}")

    def codes_per_frame(self, layers: int) -> int:
        """Return n, the codes of a frame of the first ``layers``: one for each of them."""
        return layers

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """Return the codes of ``latent [B, D, F]`` in the first ``layers``: ``[n, B, F]``."""
        raise NotImplementedError

    def decode(self, codes: Tensor) -> Tensor:
        """Return the latent of ``codes [n, B, F]``: ``[B, D, F]``."""
        raise NotImplementedError


class TrainableQuantizer(Quantizer):
    """A quantizer in its trained form, which a training step can go through."""

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """Quantise ``latent [B, D, F]`` with the first ``layers``; in training, train these."""
        raise NotImplementedError


def rows_of(latent: Tensor) -> Tensor:
    """Return the frames of ``latent [B, D, F]`` as rows ``[B F, D]``."""
    return latent.transpose(1, 2).reshape(-1, latent.shape[1])


def latent_of(rows: Tensor, batch: int, frames: int) -> Tensor:
    """Return the latent ``[B, D, F]`` whose frames are ``rows [B F, D]``."""
    return rows.view(batch, frames, rows.shape[1]).transpose(1, 2).contiguous()


def project(linear: nn.Linear | None, rows: Tensor) -> Tensor:
    """Apply ``linear`` to ``rows [N, C]``, or return them if it is None."""
    return rows if linear is None else linear(rows)
