"""Import of one side of the recipe's generic SEANet: from parallel lists to the parts of blocks.

The recipe walks its lists with a lenient zip and silently drops what is left over. Here they meet
in one strict zip, and lists of different lengths are an error that names both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrac_audit.design.activations import BY_TORCH_NAME
from lrac_audit.design.espnet.keys import NORM_REASON, PAD_MODE_REASON
from lrac_audit.design.fields import FieldReader
from lrac_audit.design.parts import ELU, Activation, Conv, EdgeConv, ResidualUnit
from lrac_audit.errors import shown

FOLDED_NORMS = ("none", "weight_norm", "spectral_norm")
PAD_MODES = ("constant", "zero", "zeros", "reflect", "replicate")

SHARED_DEFAULTS: Mapping[str, Any] = {
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
"""Defaults of the recipe's constructors; a null means the default there too."""


class Notes:
    """Facts that an import collects besides the design."""

    def __init__(self) -> None:
        self.ignored: list[tuple[str, str]] = []
        """Recipe fields ignored on purpose, each with the reason."""
        self.origins: dict[str, str] = {}
        """The recipe field that each field of the design came from."""


class CoderImport:
    """The import of one side of the recipe; ``side`` is ``encoder`` or ``decoder``."""

    def __init__(
        self, conf: FieldReader, notes: Notes, side: str, defaults: Mapping[str, Any]
    ) -> None:
        self._side = side
        self._notes = notes
        self._given = conf.part(f"{side}_params", lambda params: self._take(params, defaults))
        self._true_skip = self._flag("true_skip")

    def _take(self, params: FieldReader, defaults: Mapping[str, Any]) -> dict[str, Any]:
        self._params = params
        given = params.values(defaults)
        self._present = frozenset(given)
        chosen = {key: value for key, value in given.items() if value is not None}
        return {**defaults, **chosen}

    def _problem(self, key: str, given: str, allowed: str, *involved: str) -> None:
        paths = (self._params.path(other) for other in involved)
        self._params.problem(self._params.path(key), given, allowed, *paths)

    def _from(self, field: str, key: str, value: Any) -> Any:
        """Return ``value``, noting the recipe's ``key`` as the origin of the design's ``field``."""
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
        """Ignore keys that change neither cost nor delay as long as their value is a known one."""
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
        """Return the common length of lists, ``others`` being ``more`` entries longer.

        After a problem, the length that every list reaches.
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
        """Return the length of the list ``key``, which may be an indexed path, or None."""
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
