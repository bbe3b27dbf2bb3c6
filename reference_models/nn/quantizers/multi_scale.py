"""Multi-scale residual vector quantization: layers that code the mean of several latent steps.

With P the latent steps of a frame, a latent has ``P F`` steps and a layer of stride ``s`` has
``P / s`` codes in each frame. Codes are ``[n, B, F]``, layer by layer, and within a layer in the
order of their steps: with strides 4, 2 and 1, and one column for each code of a frame::

    latent steps    0  1  2  3
    layer 0        [----0----]
    layer 1        [-1--][--2]
    layer 2         3  4  5  6
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.quantizers.multi_scale import MultiScaleRvq
from reference_models.nn.framing import Window
from reference_models.nn.layer_modules import QUANTIZER_MODULES
from reference_models.nn.quantizer import Quantized, TrainableQuantizer, latent_of, rows_of
from reference_models.nn.quantizers.rvq import Layer, Learning, ResidualQuantizer, build_layers
from reference_models.nn.streaming import Streaming


class MultiScaleQuantizer(ResidualQuantizer):
    """All layers, each with the mean before it."""

    def __init__(self, layers: Iterable[Layer], strides: Sequence[int]) -> None:
        super().__init__(layers)
        self.strides = tuple(strides)
        self.frame_steps = max(strides)
        self.pools = nn.ModuleList(
            nn.AvgPool1d(stride) if stride > 1 else nn.Identity() for stride in strides
        )

    def codes_per_frame(self, layers: int) -> int:
        """See :class:`Quantizer`; a layer has one for each of its strides in a frame."""
        return sum(self.frame_steps // stride for stride in self.strides[:layers])

    def encode(self, latent: Tensor, layers: int) -> Tensor:
        """See :class:`Quantizer`."""
        self.check_active(layers)
        if not latent.shape[2]:
            return latent.new_empty(self.codes_per_frame(layers), len(latent), 0, dtype=torch.int64)
        residual, codes = latent, []
        for layer, pool, stride in self._scales(layers):
            codes.append(layer.search_codes(rows_of(pool(residual))))
            residual = residual - self._spread(layer.values_of(codes[-1]), stride, len(latent))
        return self._in_frames(codes, len(latent))

    def decode(self, codes: Tensor) -> Tensor:
        """See :class:`Quantizer`."""
        batch, first = codes.shape[1], 0
        latent: Tensor | None = None
        for layer, _, stride in self._scales(self._layers_of(codes)):
            count = self.frame_steps // stride
            rows = codes[first : first + count].permute(1, 2, 0).reshape(-1)
            values = self._spread(layer.values_of(rows), stride, batch)
            latent = values if latent is None else latent + values
            first += count
        assert latent is not None
        return latent

    def _scales(self, layers: int) -> Iterator[tuple[Layer, nn.Module, int]]:
        """Yield the first ``layers``, each with the mean before it and its stride."""
        active = list(self.layers)[:layers]
        for layer, pool, stride in zip(active, self.pools, self.strides, strict=False):
            yield cast(Layer, layer), pool, stride

    def _layers_of(self, codes: Tensor) -> int:
        """Return the number of layers whose codes ``[n, B, F]`` are given."""
        for layers in range(1, self.layer_count + 1):
            if self.codes_per_frame(layers) == len(codes):
                return layers
        raise ValueError(f"given {len(codes)} codes in a frame, which no number of layers has")

    def _spread(self, rows: Tensor, stride: int, batch: int) -> Tensor:
        """Return the latent ``[B, D, P F]`` of the values ``[B (P / s) F, D]`` of a layer."""
        values = latent_of(rows, batch, len(rows) // batch)
        return values.repeat_interleave(stride, 2) if stride > 1 else values

    def _in_frames(self, codes: Iterable[Tensor], batch: int) -> Tensor:
        """Return the codes ``[B (P / s) F]`` of each layer as ``[n, B, F]``."""
        by_layer = zip(codes, self.strides, strict=False)
        parts = [rows.view(batch, -1, self.frame_steps // stride) for rows, stride in by_layer]
        return torch.cat(parts, 2).permute(2, 0, 1).contiguous()


class TrainedScales(MultiScaleQuantizer, TrainableQuantizer):
    """All layers in their trained form."""

    def forward(self, latent: Tensor, layers: int) -> Quantized:
        """See :class:`TrainableQuantizer`; zeros complete the last frame of ``latent``."""
        self.check_active(layers)
        residual = whole_frames(latent, self.frame_steps)
        batch, total = len(latent), torch.zeros_like(residual)
        results: list[Learning] = []
        for layer, pool, stride in self._scales(layers):
            results.append(layer(rows_of(pool(residual))))
            values = self._spread(results[-1].values, stride, batch)
            total, residual = total + values, residual - values.detach()
        codes = self._in_frames((result.codes for result in results), batch)
        return Quantized(total, codes, torch.stack([r.commitment for r in results]).mean())


def whole_frames(latent: Tensor, frame_steps: int) -> Tensor:
    """Return ``latent [B, D, T]`` with zeros after it that complete its last frame."""
    return functional.pad(latent, (0, -latent.shape[2] % frame_steps))


class FrameCollector(Streaming[Window]):
    """Holds back latent steps that do not fill a frame yet."""

    def __init__(self, channels: int, frame_steps: int) -> None:
        super().__init__()
        self.channels = channels
        self.frame_steps = frame_steps

    def initial_state(self, batch_size: int, like: Tensor) -> Window:
        """See :class:`Streaming`."""
        return Window(like.new_zeros(batch_size, self.channels, 0), context=0)

    def step(self, x: Tensor, state: Window, last: bool = False) -> Tensor:
        """See :class:`Streaming`; zeros complete the last frame."""
        x = torch.cat((state.past, x), 2)
        if last:
            x = whole_frames(x, self.frame_steps)
        ready = x.shape[2] // self.frame_steps * self.frame_steps
        state.past = x[:, :, ready:].clone()
        return x[:, :, :ready]


@QUANTIZER_MODULES.add(MultiScaleRvq)
def build_multi_scale(design: CodecDesign) -> TrainedScales:
    """Return the module of a multi-scale quantizer, its codebooks empty."""
    scales = design.quantizer
    assert isinstance(scales, MultiScaleRvq)
    return TrainedScales(build_layers(scales.each, design.latent_dim), scales.strides)
