"""Cost formula of split residual vector quantization.

The layers of a part subtract codewords from the projected latent, so the sender needs no output
projection. Absorbed, the receiver has a table of the latent's width for each layer: the projection
of a sum of codewords is the sum of their projections.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lrac_audit.design.parts import CodecDesign, Quantizer
from lrac_audit.design.quantizers.split_rvq import SplitRvq
from lrac_audit.ledger.quantizers.rows import (
    QUANTIZER_ROWS,
    add,
    linear,
    lookup,
    rvq_rows,
    switched,
)
from lrac_audit.ledger.row import Row, RvqForm


class _Part(NamedTuple):
    """One of the quantizers, of a latent so wide projected to codewords so wide."""

    path: str
    rvq: Quantizer
    active_layers: int
    latent_dim: int
    codebook_dim: int
    bias: bool

    @property
    def projects(self) -> bool:
        """Whether there are projections."""
        return self.codebook_dim != self.latent_dim


@QUANTIZER_ROWS.add(SplitRvq)
def split_quantizer(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Iterator[Row]:
    """Yield the rows of both parts on the transmit side, then on the receive side."""
    split = design.quantizer
    assert isinstance(split, SplitRvq)
    widths = design.latent_dim, design.codebook_dim, split.bias
    active = split.active_parts(active_layers)
    parts = [
        _Part(f"quantizer.parts.{i}", part, active[i], *widths)
        for i, part in enumerate(split.parts)
    ]
    for part in parts:
        yield from _transmit(part)
    for part in parts:
        yield from _absorbed(part) if part.projects and rvq == "absorbed" else _receive(part)
    for part in parts[1:]:
        total = add("quantizer.add", "receive", part.latent_dim)
        yield from switched([total], part.active_layers > 0)


def _transmit(part: _Part) -> Iterator[Row]:
    """Yield the input projection of a part, and a search, lookup and subtraction for each layer."""
    path, latent, dim = part.path, part.latent_dim, part.codebook_dim
    if part.projects:
        name = f"{path}.project_in"
        row = linear(name, "transmit", latent, dim, "projection_in", part.bias)
        yield from switched([row], part.active_layers > 0)
    yield from rvq_rows(path, "transmit", part.rvq, dim, "projected", part.active_layers)


def _receive(part: _Part) -> Iterator[Row]:
    """Yield a lookup and an addition for each layer of a part, and the output projection."""
    path, latent, dim = part.path, part.latent_dim, part.codebook_dim
    yield from rvq_rows(path, "receive", part.rvq, dim, "projected", part.active_layers)
    if part.projects:
        name = f"{path}.project_out"
        row = linear(name, "receive", dim, latent, "projection_out", part.bias)
        yield from switched([row], part.active_layers > 0)


def _absorbed(part: _Part) -> Iterator[Row]:
    """Yield a lookup in a table of projected codewords, and an addition, for each layer."""
    latent = part.latent_dim
    for i, size in enumerate(part.rvq.index_sizes(part.rvq.layers)):
        name = f"{part.path}.layers.{i}"
        rows = [lookup(f"{name}.lookup", "receive", latent, size * latent, "table")]
        if i:
            rows.append(add(f"{name}.add", "receive", latent))
        yield from switched(rows, i < part.active_layers)
