"""Cost formulas of the quantizers: the rows of a design's quantizer on both sides.

A codebook search does ``K d`` multiply-accumulates for the inner products of ``|e|^2 - 2 x.e``,
whose ``|e|^2`` are constants, with K codewords of width d.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.parts import CodecDesign, Quantizer, the_rvq
from lrac_audit.design.quantizers.continuous import NoQuantizer
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from lrac_audit.design.steps import Side
from lrac_audit.ledger.operations import work_of
from lrac_audit.ledger.row import Geometry, Kind, Row, RvqForm, Storage

SIDES: tuple[Side, ...] = ("transmit", "receive")
QuantizerRows = Callable[[CodecDesign, RvqForm, int], Iterable[Row]]
"""Returns the rows from a design, the form of its quantizer and the number of active layers."""
QUANTIZER_ROWS: KindRegistry[QuantizerRows] = KindRegistry("cost formula")
"""The rows of each kind of quantizer: those of the transmit side, then those of the receive side.

Layers that are off keep their rows, without work: a system that serves several bitrates stores
them all.
"""


class _Sizes(NamedTuple):
    """The sizes that the rows of one layer follow from."""

    latent_dim: int
    codebook_dim: int
    codebook_size: int
    has_projections: bool
    absorbed: bool


@QUANTIZER_ROWS.add(Quantizer)
def residual_vector_quantizer(
    design: CodecDesign, rvq: RvqForm, active_layers: int
) -> Iterator[Row]:
    """Yield the rows of a residual vector quantizer."""
    quantizer = the_rvq(design, "its cost formula")
    for side in SIDES:
        yield from rvq_rows("quantizer", side, quantizer, design.latent_dim, rvq, active_layers)


@QUANTIZER_ROWS.add(NoQuantizer)
def no_quantizer(design: CodecDesign, rvq: RvqForm, active_layers: int) -> tuple[Row, ...]:
    """Return no row: a continuous latent costs nothing."""
    return ()


@QUANTIZER_ROWS.add(GroupedRvq)
def grouped_quantizer(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Iterator[Row]:
    """Yield the rows of a residual vector quantizer for each group of the latent."""
    grouped = design.quantizer
    assert isinstance(grouped, GroupedRvq)
    width = design.latent_dim // grouped.groups
    for side in SIDES:
        for group in range(grouped.groups):
            name = f"quantizer.groups.{group}"
            yield from rvq_rows(name, side, grouped.each, width, rvq, active_layers)


def rvq_rows(
    path: str, side: Side, quantizer: Quantizer, width: int, rvq: RvqForm, active_layers: int
) -> Iterator[Row]:
    """Yield the rows of one side of a residual quantizer at ``path``, for a latent so wide."""
    for i, rows in enumerate(rvq_layers(path, side, quantizer, width, rvq)):
        yield from switched(rows, i < active_layers)


def rvq_layers(
    path: str, side: Side, quantizer: Quantizer, width: int, rvq: RvqForm
) -> Iterator[Iterator[Row]]:
    """Yield the rows of each layer of a residual quantizer, all of them on."""
    dim, projects = quantizer.code_dim(width), quantizer.has_absorbed_form(width)
    is_sent = side == "transmit"
    for i, size in enumerate(quantizer.index_sizes(quantizer.layers)):
        sizes = _Sizes(width, dim, size, projects, rvq == "absorbed")
        name = f"{path}.layers.{i}"
        yield _transmit_layer(name, sizes) if is_sent else _receive_layer(name, sizes, i == 0)


def _transmit_layer(name: str, sizes: _Sizes) -> Iterator[Row]:
    """Yield the rows of one layer on the transmit side, as published tables count them.

    They are projection, search, lookup, output projection and subtraction. The result of the last
    active layer's subtraction is not used; the published 19.35 and 48 MFLOPS include its output
    projection all the same.
    """
    latent, dim, size, has_projections, absorbed = sizes
    if has_projections:
        yield linear(f"{name}.project_in", "transmit", latent, dim, "projection_in")
    yield search(f"{name}.search", size, dim)
    table = size * latent if has_projections and absorbed else 0
    yield lookup(f"{name}.lookup", "transmit", latent if absorbed else dim, table, "table")
    if has_projections and not absorbed:
        yield linear(f"{name}.project_out", "transmit", dim, latent, "projection_out")
    yield add(f"{name}.subtract", "transmit", latent)


def _receive_layer(name: str, sizes: _Sizes, is_first: bool) -> Iterator[Row]:
    """Yield the rows of one layer on the receive side, whose values the transmit side stores too.

    They are lookup, output projection and addition.
    """
    latent, dim, size, has_projections, absorbed = sizes
    has_table = has_projections and absorbed
    width = latent if has_table else dim
    storage: Storage = "table" if has_table else "codebook"
    yield _shared(lookup(f"{name}.lookup", "receive", width, size * width, storage))
    if has_projections and not absorbed:
        yield _shared(linear(f"{name}.project_out", "receive", dim, latent, "projection_out"))
    if not is_first:
        yield add(f"{name}.add", "receive", latent)


def _shared(row: Row) -> Row:
    return row._replace(shared_values=row.stored_values)


def switched(rows: Iterable[Row], active: bool) -> Iterable[Row]:
    """Return ``rows``, without work unless ``active``."""
    if active:
        return rows
    note = "a layer that this mode leaves off"
    return (row._replace(runs_per_frame=0, work={}, note=note) for row in rows)


def linear(
    name: str,
    side: Side,
    channels_in: int,
    channels_out: int,
    storage: Storage,
    bias: bool = True,
) -> Row:
    """Return the row of a projection with or without bias."""
    macs, biases = channels_in * channels_out, bias * channels_out
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op="linear",
        geometry=Geometry(channels_in, channels_out),
        runs_per_frame=1,
        work=work_of(**{Kind.LINEAR: macs, Kind.BIAS: biases}),
        stored_values=macs + biases,
        storage=storage,
    )


def search(name: str, codebook_size: int, codebook_dim: int) -> Row:
    """Return the row of the search: an inner product, a sum and a comparison per codeword."""
    work = {
        Kind.CODEBOOK_SEARCH: codebook_size * codebook_dim,
        Kind.SEARCH_NORM: codebook_size,
        Kind.SEARCH_COMPARE: codebook_size,
    }
    return Row(
        name=name,
        side="transmit",
        stage="rvq",
        op="search",
        geometry=Geometry(codebook_dim, codebook_size),
        runs_per_frame=1,
        work=work,
        stored_values=codebook_size * codebook_dim,
        storage="codebook",
    )


def lookup(name: str, side: Side, width: int, stored_values: int, storage: Storage) -> Row:
    """Return the row of reading one entry of a codebook or table."""
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op="lookup",
        geometry=Geometry(1, width),
        runs_per_frame=1,
        work={Kind.LOOKUP: 1},
        stored_values=stored_values,
        storage=storage,
    )


def add(name: str, side: Side, width: int) -> Row:
    """Return the row of a sum over the layers, or of the residual that the next layer codes."""
    return Row(
        name=name,
        side=side,
        stage="rvq",
        op="add",
        geometry=Geometry(width, width),
        runs_per_frame=1,
        work={Kind.RESIDUAL_ADD: width},
    )
