"""Codebooks: the search for the nearest codeword, and training by moving averages.

Shapes: ``x [N, d]`` vectors, ``codes [N]``, codebook ``[K, d]``. The codebook is an exponential
moving average of the vectors assigned to it (van den Oord et al. 2017, appendix A.1), starts from
k-means, and replaces unused codewords; constants as in the public recipe. Processes that train
together sum their counts, so that their codebooks stay equal bit by bit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from reference_models.nn.codebook_sync import sample, summed

SEARCH_ROWS = 4096
"""Maximum number of vectors searched at once, so that a long clip needs little memory."""

DECAY = 0.99
EPSILON = 1e-5
"""Added to each count when the counts are smoothed."""
DEAD_BELOW = 2.0
"""Default of the recipe, whose steps choose each codeword about 97 times."""
KMEANS_ITERATIONS = 50


class Codebook(nn.Module):
    """A codebook and the search in it."""

    embed: Tensor
    """``[K, d]``, a buffer."""

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.register_buffer("embed", torch.zeros(size, dim))
        self._terms: tuple[Tensor, int, Tensor, Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return the nearest codeword to each vector, the first of equals: ``[N, d]`` to ``[N]``.

        The smallest ``|e|^2 / 2 - x.e``, in double precision: there the choice does not depend on
        the order of the sums, so a stream and a whole clip agree.
        """
        if len(x) <= SEARCH_ROWS:
            return self._nearest(x)
        return torch.cat([self._nearest(rows) for rows in torch.split(x, SEARCH_ROWS)])

    def _nearest(self, x: Tensor) -> Tensor:
        codewords, half_energies = self._search_terms()
        return torch.addmm(half_energies, x.double(), codewords, alpha=-1).argmin(1)

    def lookup(self, codes: Tensor) -> Tensor:
        """Return the codewords of ``codes [...]``: ``[..., d]``."""
        return functional.embedding(codes, self.embed)

    def _search_terms(self) -> tuple[Tensor, Tensor]:
        """Return codewords ``[d, K]`` and half their squared lengths, cached until they change."""
        embed = self.embed
        version = 0 if embed.is_inference() else embed._version
        if self._terms is None or self._terms[0] is not embed or self._terms[1] != version:
            codewords = embed.detach().double()
            self._terms = embed, version, codewords.t().contiguous(), codewords.square().sum(1) / 2
        return self._terms[2:]


class TrainedCodebook(Codebook):
    """A codebook with the moving averages that it is trained by."""

    cluster_size: Tensor
    """``[K]``, averaged counts."""
    embed_avg: Tensor
    """``[K, d]``, averaged sums."""
    inited: Tensor
    """``[1]``, 0 until k-means has run."""

    def __init__(self, size: int, dim: int) -> None:
        super().__init__(size, dim)
        self.register_buffer("cluster_size", torch.zeros(size))
        self.register_buffer("embed_avg", torch.zeros(size, dim))
        self.register_buffer("inited", torch.zeros(1))
        self.dead_below = DEAD_BELOW
        """Averaged count below which a codeword is replaced."""
        self.replaced = 0
        """Codewords replaced since this was last set to zero."""

    @torch.no_grad()
    def initialise(self, x: Tensor) -> None:
        """Set the codewords by k-means on the vectors ``x``."""
        means, counts = kmeans(x, self.embed.shape[0], KMEANS_ITERATIONS)
        self.cluster_size.copy_(counts)
        self.embed_avg.copy_(means * counts.unsqueeze(1))
        self._renew()
        self.inited.fill_(1)

    @torch.no_grad()
    def update(self, x: Tensor, codes: Tensor) -> None:
        """Average in the vectors ``x`` that ``codes`` were chosen for; replace dead codewords."""
        counts, sums = assigned(x, codes, self.embed.shape[0])
        self.cluster_size.mul_(DECAY).add_(counts, alpha=1 - DECAY)
        self.embed_avg.mul_(DECAY).add_(sums, alpha=1 - DECAY)
        self._renew()
        self._replace_dead(x)

    def _renew(self) -> None:
        """Set codewords to averages ``e_k = M_k / n_k``, with smoothed counts that are not zero."""
        total = self.cluster_size.sum()
        size = self.cluster_size.shape[0]
        smoothed = (self.cluster_size + EPSILON) / (total + size * EPSILON) * total
        self.embed.copy_(self.embed_avg / smoothed.unsqueeze(1))

    def _replace_dead(self, x: Tensor) -> None:
        dead = (self.cluster_size < self.dead_below).nonzero()[:, 0]
        if not len(dead):
            return
        samples = sample(x, len(dead))
        self.replaced += len(dead)
        self.embed[dead] = samples
        self.cluster_size[dead] = self.dead_below
        self.embed_avg[dead] = self.dead_below * samples


def trained_codebooks(module: nn.Module) -> list[TrainedCodebook]:
    """Return the codebooks inside ``module`` that are trained, in the order of the signal."""
    return [each for each in module.modules() if isinstance(each, TrainedCodebook)]


def assigned(x: Tensor, codes: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return how many vectors each code was chosen for ``[K]``, and their sums ``[K, d]``."""
    counts = torch.bincount(codes, minlength=size).to(x.dtype)
    sums = x.new_zeros(size, x.shape[1]).index_add_(0, codes, x)
    return summed(counts), summed(sums)


def kmeans(x: Tensor, size: int, iterations: int) -> tuple[Tensor, Tensor]:
    """Run Lloyd's algorithm from random vectors; return means ``[K, d]`` and counts ``[K]``."""
    codebook = Codebook(size, x.shape[1]).to(x)
    codebook.embed.copy_(sample(x, size))
    counts = x.new_zeros(size)
    for _ in range(iterations):
        counts, sums = assigned(x, codebook(x), size)
        filled = counts > 0
        codebook.embed[filled] = sums[filled] / counts[filled].unsqueeze(1)
    return codebook.embed, counts
