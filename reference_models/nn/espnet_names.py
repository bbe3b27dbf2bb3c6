"""Names of a codec's modules in the public recipe's generator.

The recipe numbers its layers in the order in which they run, activations included (read from the
keys of its state dict): ``encoder.model.0`` is the first convolution, then come the residual units
of the first block, its activation, its strided convolution, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lrac_audit.design import parts
from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import LstmLayer, LstmStack, SkipConv, Step, Sum


class Place(NamedTuple):
    """A module of a codec and its counterpart in the recipe."""

    ours: str
    """Path of the module."""
    theirs: str
    """Prefix of its keys in the recipe's state dict."""
    lstm_layer: int | None = None
    """Number of an LSTM layer, which the recipe puts into the names of its values."""


LAYER_PLACES: KindRegistry[Callable[[Step, str], Iterable[Place]]] = KindRegistry(
    "place in the recipe's model"
)
"""Places inside each kind of layer, from a step of the signal path and the recipe's prefix."""
QUANTIZER_PLACES: KindRegistry[Callable[[parts.CodecDesign], Iterable[Place]]] = KindRegistry(
    "place in the recipe's model"
)
"""Places of each kind of quantizer, from a design."""


def places(design: parts.CodecDesign) -> Iterator[Place]:
    """Yield every module that may have weights.

    Raises:
        InputError: a layer is of a kind that the recipe does not have.
    """
    path = signal_path(design)
    yield from _coder(path.encoder)
    yield from QUANTIZER_PLACES.of("quantizer", design.quantizer)(design)
    yield from _coder(path.decoder)


_TRANSPARENT = (parts.Encoder, parts.EncoderBlock, parts.DecoderBlock, parts.Decoder)


def _coder(coder: Step) -> Iterator[Place]:
    for number, step in enumerate(_numbered(coder)):
        theirs = f"{coder.path}.model.{number}"
        yield from LAYER_PLACES.of(step.path, step.part)(step, theirs)


def _numbered(step: Step) -> Iterator[Step]:
    """Yield the steps that the recipe numbers: all but the coders and their blocks."""
    if isinstance(step.part, _TRANSPARENT):
        for inner in step.inner or ():
            yield from _numbered(inner)
    else:
        yield step


@LAYER_PLACES.add(parts.Activation)
def _activation(step: Step, theirs: str) -> Iterator[Place]:
    yield Place(step.path, theirs)


@LAYER_PLACES.add(parts.Conv, parts.EdgeConv, SkipConv, parts.DownConv)
def _conv(step: Step, theirs: str) -> Iterator[Place]:
    yield Place(step.path, f"{theirs}.conv.conv")


@LAYER_PLACES.add(parts.UpConv)
def _up(step: Step, theirs: str) -> Iterator[Place]:
    yield Place(step.path, f"{theirs}.convtr.convtr")


@LAYER_PLACES.add(Sum)
def _sum(step: Step, theirs: str) -> Iterator[Place]:
    return iter(())  # has no weights


@LAYER_PLACES.add(LstmLayer)
def _lstm_layer(step: Step, theirs: str) -> Iterator[Place]:
    yield Place(f"{step.path}.cell", f"{theirs}.lstm", int(step.path.rpartition(".")[2]))


@LAYER_PLACES.add(LstmStack)
def _lstm_stack(step: Step, theirs: str) -> Iterator[Place]:
    for inner in step.inner or ():
        yield from LAYER_PLACES.of(inner.path, inner.part)(inner, theirs)


@LAYER_PLACES.add(parts.ResidualUnit)
def _residual_unit(step: Step, theirs: str) -> Iterator[Place]:
    for number, inner in enumerate(step.inner or ()):
        is_skip = isinstance(inner.part, SkipConv)
        prefix = f"{theirs}.shortcut" if is_skip else f"{theirs}.block.{number}"
        yield from LAYER_PLACES.of(inner.path, inner.part)(inner, prefix)


@QUANTIZER_PLACES.add(parts.Quantizer)
def _residual_vector_quantizer(design: parts.CodecDesign) -> Iterator[Place]:
    for i in range(design.quantizer.layers):
        ours, theirs = f"quantizer.layers.{i}", f"quantizer.vq.layers.{i}"
        if design.has_projections:
            yield Place(f"{ours}.project_in", f"{theirs}.project_in")
            yield Place(f"{ours}.project_out", f"{theirs}.project_out")
        yield Place(f"{ours}.search", f"{theirs}._codebook")
