"""The recipe's own model of whole clips: each layer pads its input and calls torch's convolution.

It knows only what the two baselines have: convolutions without groups, ELU, transposed convolutions
whose kernel is their stride, a tanh at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from lrac_audit.design.parts import CodecDesign
from reference_models.nn.codec import Codec


@dataclass(frozen=True)
class RecipeModel:
    """A codec as the recipe runs it, from the weights of a codec in its trained form."""

    design: CodecDesign
    weights: Mapping[str, Tensor]

    @torch.inference_mode()
    def encode(self, x: Tensor) -> Tensor:
        """Return the codes ``[n, B, F]`` of whole clips ``[B, 1, T]``."""
        return self._search(self.latent(x))

    @torch.inference_mode()
    def decode(self, codes: Tensor) -> Tensor:
        """Return the audio ``[B, 1, T]`` of codes ``[n, B, F]``."""
        values = (self._value(layer, rows) for layer, rows in enumerate(codes))
        return self.audio(sum(values).transpose(1, 2))

    def latent(self, x: Tensor) -> Tensor:
        """Return the latent ``[B, D, F]`` of whole clips ``[B, 1, T]``, differentiably."""
        encoder = self.design.encoder
        if encoder.input is not None:
            x = self._conv(encoder.input, "encoder.input", x)
        for i, block in enumerate(encoder.blocks):
            path = f"encoder.blocks.{i}"
            x = self._residual(block.residual, path, x)
            x = self._conv(block.down, f"{path}.down", functional.elu(x))
        return x

    def audio(self, x: Tensor) -> Tensor:
        """Return the audio ``[B, 1, T]`` of a latent ``[B, D, F]``, differentiably."""
        decoder = self.design.decoder
        for i, block in enumerate(decoder.blocks):
            path = f"decoder.blocks.{i}"
            weight, bias = self._weights(f"{path}.up")
            x = functional.conv_transpose1d(functional.elu(x), weight, bias, block.up.stride)
            x = self._residual(block.residual, path, x)
        return self._conv(decoder.output, "decoder.output", functional.elu(x)).tanh()

    def _weights(self, path: str) -> tuple[Tensor, Tensor]:
        return self.weights[f"{path}.weight"], self.weights[f"{path}.bias"]

    def _conv(self, layer, path: str, x: Tensor) -> Tensor:
        stride, reach = getattr(layer, "stride", 1), (layer.kernel - 1) * layer.dilation + 1
        padding = reach - stride
        right = 0 if layer.causal else padding // 2
        x = functional.pad(x, (padding - right, right + -x.shape[2] % stride))
        return functional.conv1d(x, *self._weights(path), stride, 0, layer.dilation)

    def _residual(self, units, path: str, x: Tensor) -> Tensor:
        for i, unit in enumerate(units):
            y = x
            for j, layer in enumerate(unit.convs):
                y = self._conv(layer, f"{path}.residual.{i}.convs.{j}", functional.elu(y))
            x = x + y
        return x

    def _search(self, latent: Tensor) -> Tensor:
        residual, codes = latent.transpose(1, 2), []
        for layer in range(self.design.quantizer.layers):
            path = f"quantizer.layers.{layer}"
            x = functional.linear(residual, *self._weights(f"{path}.project_in"))
            embed = self.weights[f"{path}.search.embed"]
            distance = x.square().sum(-1, keepdim=True) - 2 * x @ embed.t() + embed.square().sum(1)
            codes.append(distance.argmin(-1))
            residual = residual - self._value(layer, codes[-1])
        return torch.stack(codes)

    def _value(self, layer: int, codes: Tensor) -> Tensor:
        path = f"quantizer.layers.{layer}"
        codewords = functional.embedding(codes, self.weights[f"{path}.search.embed"])
        return functional.linear(codewords, *self._weights(f"{path}.project_out"))


def recipe_model(codec: Codec) -> RecipeModel:
    """Return ``codec``, whose weight norm is folded, as the recipe runs it."""
    return RecipeModel(codec.design, codec.state_dict())
