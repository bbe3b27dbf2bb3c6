"""The recipe's keys for the quantizers that it or one of its public forks can express."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from lrac_audit.design.parts import CodecDesign, Quantizer
from lrac_audit.design.quantizer import QuantizerKind, quantizer_field, quantizer_name
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.errors import Problem, shown

Written = tuple[str, dict[str, Any]]
"""The value of ``codec`` and the content of ``quantizer_params``."""


def quantizer_problems(quantizer: QuantizerKind) -> Iterator[Problem]:
    """Yield what the recipe's keys cannot express of ``quantizer``."""
    if type(quantizer) not in QUANTIZER_WRITERS:
        allowed = "an RVQ, a grouped RVQ or FSQ, for which a recipe has keys"
        yield Problem("quantizer", f"the kind {quantizer_name(quantizer)}", allowed)
    size = getattr(quantizer, "codebook_size", None)
    if isinstance(size, tuple):
        field = f"{quantizer_field(quantizer)}.codebook_size"
        yield Problem(field, shown([*size]), "one size for all layers: a recipe has no list")


def stated(design: CodecDesign) -> CodecDesign:
    """Return ``design`` with the modes and the width of a codeword stated, as a recipe does."""
    quantizer: Any = design.quantizer
    quantizer = replace(quantizer, modes=quantizer.mode_layers)
    if isinstance(quantizer, Quantizer):
        quantizer = replace(quantizer, codebook_dim=design.codebook_dim)
    if isinstance(quantizer, GroupedRvq):
        dim = design.codebook_dim // quantizer.groups
        quantizer = replace(quantizer, codebook_dim=dim)
    return replace(design, quantizer=quantizer)


def _rvq(design: CodecDesign) -> Written:
    quantizer = stated(design).quantizer
    assert isinstance(quantizer, Quantizer | GroupedRvq)
    size, groups = quantizer.codebook_size, getattr(quantizer, "groups", 1)
    assert isinstance(size, int)
    params = {
        "quantizer_codebook_dim": quantizer.codebook_dim,
        "quantizer_n_q": quantizer.layers,
        "quantizer_bins": size,
        "quantizer_target_bandwidth": _bandwidths_kbps(design, groups * math.log2(size)),
    }
    return "lrac", params if groups == 1 else params | {"quantizer_groups": groups}


def _fsq(design: CodecDesign) -> Written:
    fsq = design.quantizer
    assert isinstance(fsq, Fsq)
    params = {"levels": [*fsq.levels], "num_quantizers": fsq.layers}
    bandwidths = _bandwidths_kbps(design, math.log2(math.prod(fsq.levels)))
    return "lrac_rfsq", params | {"target_bandwidth": bandwidths}


QUANTIZER_WRITERS: Mapping[type, Callable[[CodecDesign], Written]] = {
    Quantizer: _rvq,
    GroupedRvq: _rvq,
    Fsq: _fsq,
}
"""The writer of each kind of quantizer that a recipe can express."""


def _bandwidths_kbps(design: CodecDesign, bits_per_layer: float) -> list[float]:
    kbps_per_layer = bits_per_layer * math.ceil(design.frame_rate_hz) / 1000
    return [_bandwidth_kbps(layers, kbps_per_layer) for layers in design.quantizer.mode_layers]


def _bandwidth_kbps(layers: int, kbps_per_layer: float) -> float:
    """Return a bandwidth of which the recipe makes so many layers, the exact one where it does."""
    exact = layers * kbps_per_layer
    if math.floor(exact / kbps_per_layer) == layers:
        return int(exact) if exact == int(exact) else exact
    return math.nextafter(exact, math.inf)
