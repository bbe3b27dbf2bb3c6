"""Random quantizers of every kind, for a latent of a given width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from lrac_audit.design.parts import Quantizer
from lrac_audit.design.quantizer import QuantizerKind
from lrac_audit.design.quantizers.continuous import NoQuantizer
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from lrac_audit.design.quantizers.multi_scale import MultiScaleRvq
from lrac_audit.design.quantizers.split_rvq import SplitRvq

MAX_LAYERS = 3
Draw = st.DrawFn
Drawn = Callable[[Draw, int], QuantizerKind]
"""Draws a quantizer of one kind, given the width of the latent."""


def _layers(draw: Draw) -> dict[str, Any]:
    """Draw the number of layers, and modes of some of them."""
    layers = draw(st.integers(1, MAX_LAYERS))
    return {"layers": layers, "modes": _modes(draw, layers)}


def _modes(draw: Draw, layers: int) -> tuple[int, ...]:
    return tuple(sorted(draw(st.sets(st.integers(1, layers)))))


def _codebooks(draw: Draw, layers: int) -> dict[str, Any]:
    """Draw the sizes of codebooks, one for all layers or one for each, and the width."""
    size = st.integers(2, 40)
    each = st.lists(size, min_size=layers, max_size=layers).map(tuple)
    width = draw(st.none() | st.integers(1, 6))
    return {"codebook_size": draw(size | each), "codebook_dim": width}


def _rvq(draw: Draw, latent: int) -> Quantizer:
    layers = _layers(draw)
    return Quantizer(**layers, **_codebooks(draw, layers["layers"]))


def _grouped(draw: Draw, latent: int) -> GroupedRvq:
    layers, groups = _layers(draw), [n for n in range(2, latent + 1) if latent % n == 0]
    shared = draw(st.sampled_from(groups))
    return GroupedRvq(groups=shared, **layers, **_codebooks(draw, layers["layers"]))


def _multi_scale(draw: Draw, latent: int) -> MultiScaleRvq:
    first = draw(st.sampled_from([1, 2, 3, 4, 6]))
    rest = st.sampled_from([n for n in range(1, first + 1) if first % n == 0])
    strides = (first, *draw(st.lists(rest, max_size=MAX_LAYERS - 1)))
    modes = _modes(draw, len(strides))
    return MultiScaleRvq(strides=strides, modes=modes, **_codebooks(draw, len(strides)))


def _split(draw: Draw, latent: int) -> SplitRvq:
    layers = draw(st.integers(1, MAX_LAYERS))
    return SplitRvq(
        layers=layers,
        semantic_layers=draw(st.integers(0, layers - 1)),
        codebook_size=draw(st.integers(2, 40)),
        codebook_dim=draw(st.integers(1, 6)),
        bias=draw(st.booleans()),
        modes=_modes(draw, layers),
    )


def _fsq(draw: Draw, latent: int) -> Fsq:
    levels = tuple(draw(st.lists(st.integers(2, 9), min_size=1, max_size=6)))
    return Fsq(levels=levels, **_layers(draw))


def _lookup_free(draw: Draw, latent: int) -> LookupFree:
    return LookupFree(bits=draw(st.integers(1, 8)), **_layers(draw))


QUANTIZERS: dict[str | None, Drawn] = {
    None: _rvq,
    "grouped_rvq": _grouped,
    "multi_scale": _multi_scale,
    "split_rvq": _split,
    "fsq": _fsq,
    "lookup_free": _lookup_free,
    "none": lambda draw, latent: NoQuantizer(),
}
"""The kinds by their names in a file; None is the one that is given by its fields alone."""


@st.composite
def any_quantizer(draw: Draw, latent: int) -> QuantizerKind:
    """A quantizer of any kind for a latent of ``latent`` channels."""
    kinds = [kind for kind in QUANTIZERS if latent > 1 or kind != "grouped_rvq"]
    return QUANTIZERS[draw(st.sampled_from(kinds))](draw, latent)
