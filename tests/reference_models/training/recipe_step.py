"""A step as the public recipe does it, written out in plain torch on this project's parameters.

The generator's turn goes to its end, then the discriminators take theirs. Each turn judges the fake
and the real audio anew; in the generator's, gradients of the discriminators' weights are computed
and thrown away. The real audio is judged without gradients there. Real and imaginary part become
channels by concatenation, so that torch convolves maps whose channels lie apart in memory.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from reference_models.data.batch import Batch
from reference_models.nn.codec import Codec, Reconstruction
from reference_models.training.discriminators import (
    HOPS_PER_WINDOW,
    LAST,
    LAYERS,
    SLOPE,
    Geometry,
    Maps,
    SpectrogramDiscriminator,
)
from reference_models.training.models import Models
from tests.benchmarks.recipe_model import RecipeModel


def recipe_step(models: Models, batch: Batch, layers: int) -> dict[str, Tensor]:
    """Train ``models`` by one step of the recipe; return its losses, without weights."""
    assert models.adversary is not None
    made = reconstructed(models.codec, batch.input, layers)
    losses = {
        **_generators_losses(models, made.audio, batch.target),
        "commitment": made.commitment,
    }
    weights = {"adversarial": 1, "feature_matching": 2, "mel": 5, "commitment": 10}
    sum(weights[name] * loss for name, loss in losses.items()).backward()
    models.codec_optimizer.step()
    models.codec_optimizer.zero_grad()
    models.adversary.optimizer.zero_grad()
    hinge = _discriminators_loss(models, made.audio.detach(), batch.target)
    hinge.backward()
    models.adversary.optimizer.step()
    models.adversary.optimizer.zero_grad()
    return {name: loss.detach() for name, loss in [*losses.items(), ("discriminators", hinge)]}


def _generators_losses(models: Models, fake: Tensor, real: Tensor) -> dict[str, Tensor]:
    of_fake = _judged(models, fake)
    with torch.no_grad():
        of_real = _judged(models, real)
    features = [
        sum(functional.l1_loss(f, r) for f, r in zip(*maps, strict=True))
        for maps in zip(of_fake, of_real, strict=True)
    ]
    return {
        "adversarial": -_mean([maps[-1].mean() for maps in of_fake]),
        "feature_matching": _mean(features),
        "mel": models.mel(fake, real),
    }


def _discriminators_loss(models: Models, fake: Tensor, real: Tensor) -> Tensor:
    pairs = zip(_judged(models, fake), _judged(models, real), strict=True)
    return _mean([(1 + f[-1]).relu().mean() + (1 - r[-1]).relu().mean() for f, r in pairs])


def _mean(values: list[Tensor]) -> Tensor:
    return torch.stack(values).mean()


def _judged(models: Models, audio: Tensor) -> list[Maps]:
    return [recipe_maps(one, audio) for one in models.adversary.discriminators.each]


def recipe_maps(one: SpectrogramDiscriminator, audio: Tensor) -> Maps:
    """Return the maps of ``one`` for ``audio [B, 1, T]``."""
    hann = torch.hann_window(one.window)
    hop = one.window // HOPS_PER_WINDOW
    spectrum = torch.stft(
        audio[:, 0], one.window, hop, window=hann, center=False, return_complex=True
    )
    spectrum = spectrum.unsqueeze(1) / hann.square().sum().sqrt()
    x = torch.cat([spectrum.real, spectrum.imag], 1).transpose(2, 3)
    maps = []
    for layer, geometry in zip(one.layers, LAYERS, strict=True):
        x = functional.leaky_relu(_convolved(x, layer, geometry), SLOPE)
        maps.append(x)
    return [*maps, _convolved(x, one.last, LAST)]


def _convolved(x: Tensor, layer: torch.nn.Conv2d, geometry: Geometry) -> Tensor:
    weight = layer.weight.contiguous()
    return functional.conv2d(
        x, weight, layer.bias, geometry.stride, geometry.padding, geometry.dilation
    )


def reconstructed(codec: Codec, audio: Tensor, layers: int) -> Reconstruction:
    """Return what ``codec`` makes of ``audio``, its coders as the recipe runs them."""
    recipe = RecipeModel(codec.design, _convolutions(codec))
    quantized, codes, commitment = codec.quantizer(recipe.latent(audio), layers)
    return Reconstruction(recipe.audio(quantized)[:, :, : audio.shape[2]], codes, commitment)


def _convolutions(codec: Codec) -> dict[str, Tensor]:
    """Return weights, with weight norm applied, and biases of all convolutions, by path."""
    return {
        f"{path}.{name}": getattr(module, name)
        for path, module in codec.named_modules()
        if isinstance(module, torch.nn.Conv1d | torch.nn.ConvTranspose1d)
        for name in ("weight", "bias")
    }
