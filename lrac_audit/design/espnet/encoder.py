"""Import of an encoder from the recipe's ``encoder_params``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lrac_audit.design.espnet.coder import SHARED_DEFAULTS, CoderImport, Notes
from lrac_audit.design.espnet.keys import UNUSED_REASON
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.parts import ELU, DownConv, Encoder, EncoderBlock

_DEFAULTS: Mapping[str, Any] = {
    **SHARED_DEFAULTS,
    "input_channels": 1,
    "output_dimension": 128,
    "enable_output_layer": True,
    "n_filters": [8, 16, 32, 64, 128],
    "strides": [3, 4, 4, 5],
    "downsampling_kernel_sizes": [6, 8, 8, 10],
    "downsampling_causality_modes": [True] * 4,
}


class EncoderImport(CoderImport):
    """The recipe's ``encoder_params`` as an :class:`Encoder`."""

    def __init__(self, conf: FieldReader, notes: Notes) -> None:
        super().__init__(conf, notes, "encoder", _DEFAULTS)
        self.audio_channels = self._given["input_channels"]
        notes.origins["audio_channels"] = self._params.path("input_channels")
        self._ignore_checked()
        count = self._block_count("downsampling_kernel_sizes", "downsampling_causality_modes")
        self.latent_dim = self._given["output_dimension"]
        has_output = self._flag("enable_output_layer")
        self.part = Encoder(
            activation=self._activation("activation") or ELU,
            input=self._edge("input", "n_filters", 0) if self._filters() else None,
            blocks=tuple(self._block(i) for i in range(count)),
            lstm_layers=self._simple("lstm_layers", "lstm"),
            output=self._edge("output", "output_dimension") if has_output else None,
        )
        if not has_output:
            self._ignore("output_kernel_size", UNUSED_REASON)
            self._ignore("output_layer_causal", UNUSED_REASON)
            for last in self._filters()[-1:]:
                self._latent_problem("output_dimension", last, "the last of n_filters")

    def _block(self, i: int) -> EncoderBlock:
        field = f"blocks[{i}].down"
        down = DownConv(
            channels=self._listed(f"{field}.channels", "n_filters", i + 1),
            kernel=self._listed(f"{field}.kernel", "downsampling_kernel_sizes", i),
            stride=self._listed(f"{field}.stride", "strides", i),
            causal=self._listed(f"{field}.causal", "downsampling_causality_modes", i),
        )
        return EncoderBlock(self._residual(i), down)

    def hop_samples(self) -> int | None:
        """Return the hop in audio samples; None where a stride is no positive whole number."""
        strides = [block.down.stride for block in self.part.blocks]
        if not strides or not all(type(s) is int and s > 0 for s in strides):
            return None
        return math.prod(strides)
