"""The recipe's generic SEANet encoder and decoder: parallel lists in, blocks out.

The recipe walks its lists with a lenient zip and silently drops what is left over. Here they meet
in one strict zip, and lists of different lengths are an error that names both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lrac_audit.design.activations import BY_TORCH_NAME
from lrac_audit.design.espnet_keys import NORM_REASON, PAD_MODE_REASON, UNUSED_REASON
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.native import TRIM_BOTH, trimmed_left
from lrac_audit.design.parts import (
    ELU,
    Activation,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    ResidualUnit,
    UpConv,
)
from lrac_audit.errors import shown

FOLDED_NORMS = ("none", "weight_norm", "spectral_norm")
PAD_MODES = ("constant", "zero", "zeros", "reflect", "replicate")

_SHARED_DEFAULTS: Mapping[str, Any] = {
    "activation": "ELU",
    "activation_params": {},
    "norm": "weight_norm",
    "norm_params": {},
    "input_kernel_size": 7,
    "output_kernel_size": 7,
    "input_layer_causal": True,
    "output_layer_causal": True,
    "residual_kernel_sizes": [[[5, 5]] * 3] * 4,
    "residual_dilations": [[[1, 1], [1, 3], [1, 9]]] * 4,
    "residual_causality_modes": [[[True, True]] * 3] * 4,
    "pad_mode": "constant",
    "true_skip": True,
    "compress": 1,
    "lstm": 0,
}
_ENCODER_DEFAULTS: Mapping[str, Any] = {
    **_SHARED_DEFAULTS,
    "input_channels": 1,
    "output_dimension": 128,
    "enable_output_layer": True,
    "n_filters": [8, 16, 32, 64, 128],
    "strides": [3, 4, 4, 5],
    "downsampling_kernel_sizes": [6, 8, 8, 10],
    "downsampling_causality_modes": [True] * 4,
}
_DECODER_DEFAULTS: Mapping[str, Any] = {
    **_SHARED_DEFAULTS,
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
"""Defaults of the recipe's constructors; a null means the default there too."""


class Notes:
    """What an import remembers besides the design."""

    def __init__(self) -> None:
        self.ignored: list[tuple[str, str]] = []
        """Recipe fields ignored on purpose, each with the reason."""
        self.origins: dict[str, str] = {}
        """Field of the design to the recipe field that it came from."""


class _CoderImport:
    """One side of the recipe; ``side`` is ``encoder`` or ``decoder``."""

    def __init__(
        self, conf: FieldReader, notes: Notes, side: str, defaults: Mapping[str, Any]
    ) -> None:
        self._side = side
        self._notes = notes
        self._given = conf.part(f"{side}_params", lambda params: self._take(params, defaults))
        self._true_skip = self._flag("true_skip")

    def _take(self, params: FieldReader, defaults: Mapping[str, Any]) -> dict[str, Any]:
        self._params = params
        given = params.values(optional=defaults)
        self._present = frozenset(given)
        chosen = {key: value for key, value in given.items() if value is not None}
        return {**defaults, **chosen}

    def _problem(self, key: str, given: str, allowed: str, *involved: str) -> None:
        paths = (self._params.path(other) for other in involved)
        self._params.problem(self._params.path(key), given, allowed, *paths)

    def _from(self, field: str, key: str, value: Any) -> Any:
        """``value`` of the recipe's ``key``, remembered as the origin of the design's ``field``."""
        self._notes.origins[f"{self._side}.{field}"] = self._params.path(key)
        return value

    def _simple(self, field: str, key: str) -> Any:
        return self._from(field, key, self._given[key])

    def _listed(self, field: str, key: str, *index: int) -> Any:
        value = self._given[key]
        for i in index:
            value = value[i]
        return self._from(field, key + "".join(f"[{i}]" for i in index), value)

    def _flag(self, key: str) -> bool:
        value = self._given[key]
        if type(value) is not bool:
            self._problem(key, shown(value), "true or false")
        return value is True

    def _ignore(self, key: str, reason: str) -> None:
        if key in self._present:
            self._notes.ignored.append((self._params.path(key), reason))

    def _ignore_checked(self) -> None:
        """Keys that cannot change cost or delay as long as their value is a known one."""
        norm, pad_mode = self._given["norm"], self._given["pad_mode"]
        if norm not in FOLDED_NORMS:
            allowed = f"a norm that folds into the weights: {', '.join(FOLDED_NORMS)}"
            self._problem("norm", shown(norm), allowed)
        if pad_mode not in PAD_MODES:
            self._problem("pad_mode", shown(pad_mode), "one of " + ", ".join(PAD_MODES))
        self._ignore("norm", NORM_REASON)
        self._ignore("norm_params", NORM_REASON)
        self._ignore("pad_mode", PAD_MODE_REASON)

    def _aligned(self, reference: str, *others: str, more: int = 0) -> int:
        """The common length of lists, ``more`` being by how much the others exceed the first.

        After a problem, the length that all of them have.
        """
        length = self._length(reference)
        shortest = length or 0
        for other in others:
            found = self._length(other, reference)
            shortest = min(shortest, max((found or 0) - more, 0))
            if length is not None and found is not None and found != length + more:
                surplus = f" and {more} more" if more else ""
                allowed = f"{length + more} entries, one for each of {reference}{surplus}"
                self._problem(other, f"{found} entries", allowed, reference)
        return shortest

    def _length(self, key: str, *involved: str) -> int | None:
        """Entries of the list ``key``, which may be an indexed path; None where it is none."""
        name, *index = key.replace("]", "").split("[")
        value = self._given[name]
        for i in index:
            value = value[int(i)]
        if isinstance(value, list):
            return len(value)
        self._problem(key, shown(value), "a list", *involved)
        return None

    def _block_count(self, kernels: str, causality: str) -> int:
        residual = ("residual_kernel_sizes", "residual_dilations", "residual_causality_modes")
        count = self._aligned("strides", kernels, causality, *residual)
        self._from("blocks", "strides", None)
        return min(count, self._aligned("strides", "n_filters", more=1))

    def _filters(self) -> list[Any]:
        filters = self._given["n_filters"]
        return filters if isinstance(filters, list) else []

    def _residual(self, block: int) -> tuple[ResidualUnit, ...]:
        kernels, dilations, causality = (
            f"residual_{name}[{block}]" for name in ("kernel_sizes", "dilations", "causality_modes")
        )
        self._from(f"blocks[{block}].residual", kernels, None)
        units = range(self._aligned(kernels, dilations, causality))
        return tuple(self._unit(block, unit) for unit in units)

    def _unit(self, block: int, unit: int) -> ResidualUnit:
        field = f"blocks[{block}].residual[{unit}]"
        kernels, dilations, causality = (
            f"residual_{name}[{block}][{unit}]"
            for name in ("kernel_sizes", "dilations", "causality_modes")
        )
        self._from(f"{field}.convs", kernels, None)
        convs = range(self._aligned(kernels, dilations, causality))
        return ResidualUnit(
            convs=tuple(self._conv(field, block, unit, conv) for conv in convs),
            compress=self._simple(f"{field}.compress", "compress"),
            learnable_skip=not self._from(f"{field}.learnable_skip", "true_skip", self._true_skip),
        )

    def _conv(self, unit_field: str, block: int, unit: int, conv: int) -> Conv:
        field, index = f"{unit_field}.convs[{conv}]", (block, unit, conv)
        return Conv(
            kernel=self._listed(f"{field}.kernel", "residual_kernel_sizes", *index),
            dilation=self._listed(f"{field}.dilation", "residual_dilations", *index),
            causal=self._listed(f"{field}.causal", "residual_causality_modes", *index),
        )

    def _edge(self, field: str, channels_key: str, *index: int) -> EdgeConv:
        return EdgeConv(
            channels=self._listed(f"{field}.channels", channels_key, *index),
            kernel=self._simple(f"{field}.kernel", f"{field}_kernel_size"),
            causal=self._simple(f"{field}.causal", f"{field}_layer_causal"),
        )

    def _activation(self, key: str) -> Activation | None:
        name, parameters = self._simple(key, key), self._given[f"{key}_params"]
        if name is None:
            return None
        if not isinstance(name, str) or name not in BY_TORCH_NAME:
            self._problem(key, shown(name), "one of " + ", ".join(BY_TORCH_NAME))
            return ELU
        if not isinstance(parameters, dict):
            self._problem(f"{key}_params", shown(parameters), "a mapping")
            return ELU
        for constant in parameters:
            self._from(f"{key}.{constant}", f"{key}_params.{constant}", None)
        return Activation.of(BY_TORCH_NAME[name], parameters)

    def _latent_problem(self, key: str, expected: int, whose: str) -> None:
        if self._given[key] != expected:
            self._problem(key, shown(self._given[key]), f"{expected}, {whose}")


class EncoderImport(_CoderImport):
    """The recipe's ``encoder_params`` as an :class:`Encoder`."""

    def __init__(self, conf: FieldReader, notes: Notes) -> None:
        super().__init__(conf, notes, "encoder", _ENCODER_DEFAULTS)
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
        """Audio samples per latent frame; None where a stride is no positive whole number."""
        strides = [block.down.stride for block in self.part.blocks]
        if not strides or not all(type(s) is int and s > 0 for s in strides):
            return None
        return math.prod(strides)


class DecoderImport(_CoderImport):
    """The recipe's ``decoder_params`` as a :class:`Decoder`."""

    def __init__(self, conf: FieldReader, notes: Notes, encoder: EncoderImport) -> None:
        super().__init__(conf, notes, "decoder", _DECODER_DEFAULTS)
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
        """The channels that the recipe states on both sides of a joint."""
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
        """A causal layer trims the ratio of its surplus on the right, a centred one half of it."""
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
