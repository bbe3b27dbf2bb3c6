"""Use of the latent: the directions it varies in, and what each quantizer layer leaves of it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from reference_models.nn.quantizer import Quantizer, rows_of
from reference_models.training.distributed import ProcessGroup

ROUNDING = 1e-12
"""Share of the latent's energy below which its variance is rounding."""


class LatentUse(NamedTuple):
    """The use of the latent over many frames."""

    width: int
    """Values of the latent."""
    directions: float
    """Effective number of directions in which it varies: ``exp`` of the entropy, in nats, of the
    shares that its principal directions have in its variance; 0 where it does not vary."""
    residual_shares: tuple[float, ...]
    """Energy that is left after the first layer, the first two and so on, relative to the variance
    of the latent; above 1, coding its mean alone would leave less. Empty without variance."""


class LatentMeter:
    """Sums over frames, from which :class:`LatentUse` follows."""

    def __init__(self, width: int, layers: int, device: torch.device) -> None:
        """Measure a latent of ``width`` values and the first ``layers`` of its quantizer."""
        self._width = width
        # One tensor, so that processes are summed at once: frames, sums, products, energies.
        self._sums = torch.zeros(1 + width + width**2 + layers, dtype=torch.float64, device=device)
        self._count, self._first, self._second, self._residual = torch.split(
            self._sums, [1, width, width**2, layers]
        )

    def add(self, latent: Tensor, quantizer: Quantizer) -> None:
        """Add the frames of ``latent``, ``[B, D, F]``."""
        rows = rows_of(latent).double()
        self._count += len(rows)
        self._first += rows.sum(0)
        self._second += (rows.T @ rows).flatten()
        for i in range(len(self._residual)):
            quantized = quantizer.decode(quantizer.encode(latent, i + 1))
            left = latent - quantized[:, :, : latent.shape[2]]
            self._residual[i] += left.double().square().sum()

    def use(self, processes: ProcessGroup) -> LatentUse:
        """Return the use of the latent over the frames of all ``processes``."""
        processes.total(self._sums)
        mean = self._first / self._count
        second = self._second.view(self._width, -1) / self._count
        covariance = second - torch.outer(mean, mean)
        variances = torch.linalg.eigvalsh(covariance).clamp(min=0)
        variance = variances.sum()
        if variance <= ROUNDING * second.trace():
            return LatentUse(self._width, 0.0, ())
        shares = variances / variance
        entropy = -torch.special.xlogy(shares, shares).sum()
        left = self._residual / self._count / variance
        return LatentUse(self._width, entropy.exp().item(), tuple(left.tolist()))
