"""Bounds for what rounding may change in audio and in codes.

Weights and inputs of a float32 codec are exact numbers in float64 too, so the same calculation in
float64 is the reference. How far the offline float32 path is from it says how much rounding
amounts to; another order of the same sums (a stream, the absorbed form, another machine) may be a
small factor further away. Errors grow in proportion to the unit roundoff, which carries the bound
over to float64.

Codes come from a choice, so they are equal or they are not: two paths may choose different
codewords only where both are nearest up to rounding.
"""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from reference_models.nn.codec import Codec, transmit_side
from reference_models.nn.quantizers.rvq import TrainedLayer, trained_layers

FACTOR = 4
"""How many times larger the error may be for one order of sums than for another."""

LEAST_EPSILONS = 4
"""Error allowed in any case, in machine epsilons of the largest value."""

MOST_EPSILONS = 256
"""Error of a sound float32 path at most: 2^-15 of the largest value. Float16 and TF32 round each
factor by 2^-11, so that a path through them cannot vouch for itself."""

MOST_TIES = 0.1
"""Share of codes that may be ties; above it a comparison would prove little."""

EPSILON = torch.finfo(torch.float32).eps


def rounding_bound(single: Tensor, exact: Tensor, dtype: torch.dtype = torch.float32) -> float:
    """Return the largest error that rounding to ``dtype`` excuses.

    ``single`` is what the offline path gives in float32, ``exact`` what it gives in float64.
    """
    assert exact.dtype == torch.float64 and single.dtype == torch.float32
    scale = exact.abs().max().item()
    epsilons = (single.double() - exact).abs().max().item() / EPSILON
    assert epsilons <= MOST_EPSILONS * scale, "the float32 path itself is worse than float32"
    return max(FACTOR * epsilons, LEAST_EPSILONS * scale) * torch.finfo(dtype).eps


def assert_rounded(found: Tensor, single: Tensor, exact: Tensor) -> None:
    """Check that ``found`` is as near to ``exact`` as rounding lets ``single`` be."""
    assert found.shape == exact.shape == single.shape and found.numel()
    error = (found.double() - exact).abs().max().item()
    bound = rounding_bound(single, exact, found.dtype)
    assert error <= bound, f"off by {error:.3g}; rounding excuses {bound:.3g}"


NUDGE = 2.0**-40
"""Relative change of weights that shows how a function amplifies errors."""

LAYER_ROUNDING = 16
"""Error of one layer, in epsilons: the square root of some 256 products in a sum."""


def nudged(codec: Codec, nudge: float = NUDGE, seed: int = 0) -> Codec:
    """Return ``codec``, which is in float64, with every weight changed by about ``nudge``."""
    other, generator = deepcopy(codec), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in other.parameters():
            noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
            weight.mul_(1 + nudge * noise)
    return other


def assert_rounded_as_conditioned(found: Tensor, expected: Tensor, moved: Tensor) -> None:
    """Check float64 results of a function that may amplify errors beyond what float32 can show.

    ``moved`` is what the :func:`nudged` function gives: rounding acts as such a change in each
    layer, only smaller.
    """
    assert found.shape == expected.shape == moved.shape and found.numel()
    epsilon = torch.finfo(torch.float64).eps
    least = LEAST_EPSILONS * epsilon * expected.abs().max().item()
    change = (moved - expected).abs().max().item()
    bound = max(FACTOR * LAYER_ROUNDING * change * epsilon / NUDGE, least)
    error = (found - expected).abs().max().item()
    assert error <= bound, f"off by {error:.3g}; rounding excuses {bound:.3g}"


class Rounded(NamedTuple):
    """Exact values, and how far those of a path may be from them."""

    values: Tensor
    errors: Tensor


class Reference:
    """A trained codec in float32 and in float64, to compare other paths of its weights with."""

    def __init__(self, codec: Codec) -> None:
        self.dtype = next(codec.parameters()).dtype
        self.single, self.exact = deepcopy(codec).float(), deepcopy(codec).double()

    def check_audio(self, found: Tensor, codes: Tensor) -> None:
        """Check ``found`` against what ``codes`` decode to."""
        assert_rounded(found, self.single.decode(codes), self.exact.decode(codes))

    def check_codes(self, found: Tensor, expected: Tensor, audio: Tensor) -> None:
        """Check that two codings of ``audio`` are equal but for ties.

        Where they part for the first time, both have the same residual: when each is nearest up
        to rounding along its own path, the two best distances are closer than rounding.
        """
        assert found.shape == expected.shape and found.numel()
        if torch.equal(found, expected):
            return
        latent = self.latent(audio)
        for codes in (found, expected):
            assert_nearest(codes, latent, trained_layers(self.exact.quantizer), self.dtype)

    @torch.inference_mode()
    def latent(self, audio: Tensor) -> Rounded:
        """The exact latent of ``audio [B, C, T]``: ``[B, D, F]``."""
        exact = transmit_side(self.exact)(audio.double())
        single = transmit_side(self.single)(audio.float())
        return Rounded(exact, torch.full_like(exact, rounding_bound(single, exact, self.dtype)))


@torch.inference_mode()
def assert_nearest(
    codes: Tensor, latent: Rounded, layers: list[TrainedLayer], dtype: torch.dtype
) -> None:
    """Check that each of ``codes [n, B, F]`` is the nearest codeword left by those before it.

    ``layers`` are in float64. A code may be another one than the nearest where the difference of
    the two distances is within the rounding of a quantizer that computes in ``dtype``.
    """
    unit_roundoff = torch.finfo(dtype).eps / 2
    residual = Rounded(*(x.transpose(1, 2).flatten(0, 1) for x in latent))
    ties = 0
    for number, rows in enumerate(codes.flatten(1)):
        layer = layers[number]
        x = linear(layer.project_in, residual, unit_roundoff)
        within_rounding = nearest_up_to_rounding(layer.search.embed, x)
        wrong = (~within_rounding.gather(1, rows[:, None])).nonzero()[:, 0].tolist()
        assert not wrong, f"layer {number}, frame {wrong[0]}: not the nearest codeword"
        ties += int((within_rounding.sum(1) > 1).sum())
        residual = remainder(layer, residual, rows, unit_roundoff)
    assert ties <= MOST_TIES * codes.numel(), f"{ties} ties in {codes.numel()} codes"


def linear(layer: nn.Linear | None, x: Rounded, unit_roundoff: float) -> Rounded:
    """The product of ``layer`` and ``x [N, C]``.

    Errors of a sum of n products grow as the square root of n (Higham and Mary 2019, "A new
    approach to probabilistic rounding error analysis"), in units of the sum of their magnitudes.
    """
    if layer is None:
        return x
    weight, bias = layer.weight.abs(), layer.bias.abs()
    rounding = FACTOR * (weight.shape[1] + 1) ** 0.5 * unit_roundoff
    own = rounding * (x.values.abs() @ weight.t() + bias)
    return Rounded(layer(x.values), x.errors @ weight.t() + own)


def nearest_up_to_rounding(codewords: Tensor, x: Rounded) -> Tensor:
    """Say for each of ``x [N, d]`` which ``codewords [K, d]`` may be the nearest: ``[N, K]``.

    |x - e|^2 / 2 is |e|^2 / 2 - x.e up to a term in x alone. An error of x moves the difference
    between two codewords by its product with their difference; the search rounds in float64.
    """
    energies = codewords.square().sum(1) / 2
    scores = energies - x.values @ codewords.t()
    nearest = codewords[scores.argmin(1)]
    moved = torch.stack(
        [(codewords - e).abs() @ error for e, error in zip(nearest, x.errors, strict=True)]
    )
    search_rounding = FACTOR * (codewords.shape[1] + 1) ** 0.5 * torch.finfo(torch.float64).eps
    moved += search_rounding * (energies + x.values.abs() @ codewords.abs().t())
    return scores - scores.amin(1, keepdim=True) <= moved


def remainder(
    layer: TrainedLayer, residual: Rounded, rows: Tensor, unit_roundoff: float
) -> Rounded:
    """What is left of ``residual [N, D]`` for the next layer."""
    codewords = layer.search.embed[rows]
    exact = Rounded(codewords, torch.zeros_like(codewords))
    values, errors = linear(layer.project_out, exact, unit_roundoff)
    left = residual.values - values
    return Rounded(left, residual.errors + errors + unit_roundoff * left.abs())
