"""Import of a decoder from the recipe's ``decoder_params``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lrac_audit.design.espnet.coder import SHARED_DEFAULTS, CoderImport, Notes
from lrac_audit.design.espnet.encoder import EncoderImport
from lrac_audit.design.espnet.keys import UNUSED_REASON
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.parts import ELU, Conv, Decoder, DecoderBlock, UpConv
from lrac_audit.design.trim import TRIM_BOTH, trimmed_left
from lrac_audit.errors import shown

_DEFAULTS: Mapping[str, Any] = {
    **SHARED_DEFAULTS,
    "input_dimension": 128,
    "output_dimension": 1,
    "enable_input_layer": True,
    "n_filters": [64, 32, 16, 8],
    "strides": [5, 4, 4, 3],
    "final_activation": None,
    "final_activation_params": {},
    "upsampling_kernel_sizes": [5, 4, 4, 3],
    "upsampling_causality_modes": [True] * 4,
    "trim_right_ratio": 1.0,
}


class DecoderImport(CoderImport):
    """The recipe's ``decoder_params`` as a :class:`Decoder`."""

    def __init__(self, conf: FieldReader, notes: Notes, encoder: EncoderImport) -> None:
        super().__init__(conf, notes, "decoder", _DEFAULTS)
        self._ignore_checked()
        self._right_ratio = self._trim_right_ratio()
        count = self._block_count("upsampling_kernel_sizes", "upsampling_causality_modes")
        has_input = self._flag("enable_input_layer")
        self.part = Decoder(
            activation=self._activation("activation") or ELU,
            input=self._edge("input", "n_filters", 0) if has_input and self._filters() else None,
            lstm_layers=self._simple("lstm_layers", "lstm"),
            blocks=tuple(self._block(i) for i in range(count)),
            output=Conv(
                kernel=self._simple("output.kernel", "output_kernel_size"),
                causal=self._simple("output.causal", "output_layer_causal"),
            ),
            final_activation=self._activation("final_activation"),
        )
        self._channels(encoder, has_input)

    def _channels(self, encoder: EncoderImport, has_input: bool) -> None:
        """Check the channels that the recipe states both for the encoder and for the decoder."""
        whose = "the encoder's output_dimension"
        self._latent_problem("input_dimension", encoder.latent_dim, whose)
        if not has_input:
            self._ignore("input_kernel_size", UNUSED_REASON)
            self._ignore("input_layer_causal", UNUSED_REASON)
            for first in self._filters()[:1]:
                if first != encoder.latent_dim:
                    allowed = f"{encoder.latent_dim}, {whose}"
                    self._problem("n_filters[0]", shown(first), allowed)
        whose = "the encoder's input_channels"
        self._latent_problem("output_dimension", encoder.audio_channels, whose)

    def _trim_right_ratio(self) -> float:
        ratio = self._given["trim_right_ratio"]
        if type(ratio) in (int, float) and 0 <= ratio <= 1:
            return float(ratio)
        self._problem("trim_right_ratio", shown(ratio), "a number from 0 to 1")
        return 1.0

    def _block(self, i: int) -> DecoderBlock:
        field = f"blocks[{i}].up"
        kernel = self._listed(f"{field}.kernel", "upsampling_kernel_sizes", i)
        stride = self._listed(f"{field}.stride", "strides", i)
        up = UpConv(
            channels=self._listed(f"{field}.channels", "n_filters", i + 1),
            kernel=kernel,
            stride=stride,
            trim_left=self._trim_left(i, kernel, stride),
        )
        return DecoderBlock(up, self._residual(i))

    def _trim_left(self, block: int, kernel: object, stride: object) -> int:
        """Return the left trim: a causal block trims its ratio on the right, a centred one half."""
        key = f"upsampling_causality_modes[{block}]"
        causal = self._given["upsampling_causality_modes"][block]
        if type(causal) is not bool:
            self._problem(key, shown(causal), "true or false")
        if type(kernel) is not int or type(stride) is not int or kernel < stride:
            return 0
        surplus = kernel - stride
        if causal is True:
            return surplus - math.ceil(surplus * self._right_ratio)
        if self._right_ratio != 1:
            self._problem("trim_right_ratio", shown(self._right_ratio), f"1 unless {key} is true")
        return trimmed_left(TRIM_BOTH, surplus)
