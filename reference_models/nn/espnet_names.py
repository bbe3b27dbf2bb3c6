"""Where the public recipe's generator keeps what a codec built from a design keeps.

The recipe numbers its layers in the order in which they run, activations included (read from the
keys of its state dict): ``encoder.model.0`` is the first convolution, then come the residual units
of the first block, its activation, its strided convolution, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lrac_audit.design.parts import CodecDesign, ResidualUnit


class Place(NamedTuple):
    """A module of a codec, and the same in the recipe."""

    ours: str
    """Path of the module."""
    theirs: str
    """Prefix of its keys in the recipe's state dict."""
    lstm_layer: int | None = None
    """Of an LSTM, the layer: the recipe numbers the layers in the name of the value."""


def places(design: CodecDesign) -> Iterator[Place]:
    """Every module that may have weights."""
    yield from _encoder(design)
    for i in range(design.quantizer.layers):
        ours, theirs = f"quantizer.layers.{i}", f"quantizer.vq.layers.{i}"
        if design.has_projections:
            yield Place(f"{ours}.project_in", f"{theirs}.project_in")
            yield Place(f"{ours}.project_out", f"{theirs}.project_out")
        yield Place(f"{ours}.search", f"{theirs}._codebook")
    yield from _decoder(design)


class _Counter:
    """Numbers the layers of one side of the recipe's model."""

    def __init__(self, side: str) -> None:
        self._side = side
        self._next = 0

    def prefix(self) -> str:
        """The prefix of the next layer."""
        self._next += 1
        return f"{self._side}.model.{self._next - 1}"

    def residual(self, path: str, units: tuple[ResidualUnit, ...]) -> Iterator[Place]:
        """Residual units, each one layer of the recipe."""
        for i, unit in enumerate(units):
            ours, theirs = f"{path}.residual.{i}", self.prefix()
            for j in range(len(unit.convs)):
                yield Place(f"{ours}.acts.{j}", f"{theirs}.block.{2 * j}")
                yield Place(f"{ours}.convs.{j}", f"{theirs}.block.{2 * j + 1}.conv.conv")
            if unit.learnable_skip:
                yield Place(f"{ours}.skip", f"{theirs}.shortcut.conv.conv")

    def lstm(self, layers: int) -> Iterator[Place]:
        """LSTM layers, together one layer of the recipe."""
        if layers:
            theirs = self.prefix()
            for i in range(layers):
                yield Place(f"{self._side}.lstm.{i}.cell", f"{theirs}.lstm", i)

    def single(self, path: str, wrapper: str = "") -> Place:
        """One layer; ``wrapper`` is what the recipe wraps a convolution into."""
        return Place(path, self.prefix() + wrapper)


_CONV, _TRANSPOSED = ".conv.conv", ".convtr.convtr"


def _encoder(design: CodecDesign) -> Iterator[Place]:
    part, counter = design.encoder, _Counter("encoder")
    if part.input is not None:
        yield counter.single("encoder.input", _CONV)
    for i, block in enumerate(part.blocks):
        path = f"encoder.blocks.{i}"
        yield from counter.residual(path, block.residual)
        yield counter.single(f"{path}.activation")
        yield counter.single(f"{path}.down", _CONV)
    yield from counter.lstm(part.lstm_layers)
    if part.output is not None:
        yield counter.single("encoder.output_activation")
        yield counter.single("encoder.output", _CONV)


def _decoder(design: CodecDesign) -> Iterator[Place]:
    part, counter = design.decoder, _Counter("decoder")
    if part.input is not None:
        yield counter.single("decoder.input", _CONV)
    yield from counter.lstm(part.lstm_layers)
    for i, block in enumerate(part.blocks):
        path = f"decoder.blocks.{i}"
        yield counter.single(f"{path}.activation")
        yield counter.single(f"{path}.up", _TRANSPOSED)
        yield from counter.residual(path, block.residual)
    if part.output is not None:
        yield counter.single("decoder.output_activation")
        yield counter.single("decoder.output", _CONV)
    if part.final_activation is not None:
        yield counter.single("decoder.final_activation")
