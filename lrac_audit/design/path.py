"""The path of the signal through a design: the only definition of the order of its layers.

The checks, the ledger, the model builder, the sheet and the importer of foreign weights all walk
these steps. A step is a layer, or a composite of steps that run one after another.

    encoder    input, blocks, LSTM layers, output activation and output
      block    residual units, activation, strided convolution
    quantizer
    decoder    input, LSTM layers, blocks, output activation and output, final activation
      block    activation, transposed convolution, residual units

What a design leaves out (an input, the LSTM layers, an output) is no step. A coder that is a list
of layers has one step for each, under the name of its kind: ``encoder.layers.3.gru``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.layer import LayerList, kind_name
from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Decoder,
    DecoderBlock,
    Encoder,
    EncoderBlock,
    ResidualUnit,
)
from lrac_audit.design.steps import SKIP, LstmLayer, LstmStack, Side, Stage, Step, Sum


class SignalPath(NamedTuple):
    """The three steps that every codec has."""

    encoder: Step
    quantizer: Step
    decoder: Step


def signal_path(design: CodecDesign) -> SignalPath:
    """Return the steps of ``design``, from audio to audio."""
    latent, steps = design.latent_dim, design.quantizer.frame_steps
    hop, step = design.hop_samples, design.step_samples
    return SignalPath(
        encoder_path(design.encoder, design.audio_channels, steps),
        Step("quantizer", design.quantizer, "undivided", "rvq", latent, latent, hop, 1),
        decoder_path(design.decoder, latent, design.audio_channels, step, steps),
    )


def encoder_path(encoder: Encoder | LayerList, audio_channels: int, frame_steps: int = 1) -> Step:
    """Return the encoder's step, from the audio to the ``frame_steps`` latent steps of a frame."""
    runs = encoder.rate_change * frame_steps
    at = Position("transmit", "encoder", audio_channels, 1, runs)
    if isinstance(encoder, LayerList):
        return at.composite("encoder", encoder, layer_steps(at, "encoder", encoder.layers))
    return at.composite("encoder", encoder, _encoder(at, encoder))


def decoder_path(
    decoder: Decoder | LayerList,
    latent_dim: int,
    audio_channels: int,
    step_samples: int,
    frame_steps: int = 1,
) -> Step:
    """Return the decoder's step, from the ``frame_steps`` latent steps of a frame to the audio."""
    at = Position("receive", "decoder", latent_dim, step_samples, frame_steps)
    if isinstance(decoder, LayerList):
        return at.composite("decoder", decoder, layer_steps(at, "decoder", decoder.layers))
    return at.composite("decoder", decoder, _decoder(at, decoder, audio_channels))


class Position:
    """The width and the rate of the signal where the next step begins."""

    def __init__(
        self, side: Side, stage: Stage, channels: int, samples_per_step: int, runs_per_frame: int
    ) -> None:
        self._side: Side = side
        self._stage: Stage = stage
        self.channels = channels
        self._samples_per_step = samples_per_step
        self._runs_per_frame = runs_per_frame

    def copy(self) -> Position:
        """Return the same position, from which a branch goes its own way."""
        steps = self._samples_per_step, self._runs_per_frame
        return Position(self._side, self._stage, self.channels, *steps)

    def layer(self, path: str, part: object, channels_out: int) -> Step:
        """Return a layer that keeps the rate."""
        step = Step(
            path,
            part,
            self._side,
            self._stage,
            self.channels,
            channels_out,
            self._samples_per_step,
            self._runs_per_frame,
        )
        self.channels = channels_out
        return step

    def down(self, path: str, part: object, channels_out: int, stride: int) -> Step:
        """Return a layer that lowers the rate by ``stride``."""
        self._runs_per_frame //= stride
        step = self.layer(path, part, channels_out)
        self._samples_per_step *= stride
        return step

    def up(self, path: str, part: object, channels_out: int, stride: int) -> Step:
        """Return a layer that raises the rate by ``stride``."""
        self._samples_per_step //= stride
        step = self.layer(path, part, channels_out)
        self._runs_per_frame *= stride
        return step

    def composite(self, path: str, part: object, steps: Iterable[Step]) -> Step:
        """Return the composite of ``steps``, which begin here."""
        first = self.layer(path, part, self.channels)
        inner = tuple(steps)
        return first._replace(channels_out=self.channels, inner=inner)


Steps = Iterator[Step]
LayerSteps = Callable[[Position, str, Any], Steps]
"""Yields the steps inside a layer of a list, from its position, path and part."""
COMPOSITES: KindRegistry[LayerSteps] = KindRegistry("path through its layers")
"""The steps of the kinds of layers that are made of others."""
UnitSteps = Callable[[Position, str, Any, Activation], Steps]
"""Yields the steps of a unit, from its position, path and part and the coder's activation."""
UNITS: KindRegistry[UnitSteps] = KindRegistry("place on the signal path as a residual unit")
"""The steps of the units that a block may have."""


def layer_steps(at: Position, path: str, layers: Sequence[Any]) -> Steps:
    """Return the steps of the ``layers`` of the part at ``path``."""
    return listed_steps(at, f"{path}.layers", layers)


def listed_steps(at: Position, path: str, layers: Sequence[Any]) -> Steps:
    """Yield the steps of the list of ``layers`` that stands at ``path``."""
    for i, layer in enumerate(layers):
        yield _layer_step(at, f"{path}.{i}.{kind_name(layer)}", layer)


def _layer_step(at: Position, path: str, layer: Any) -> Step:
    if type(layer) in COMPOSITES:
        return at.composite(path, layer, COMPOSITES.of(path, layer)(at, path, layer))
    channels = layer.channels_after(at.channels)
    if layer.rate_down > 1:
        return at.down(path, layer, channels, layer.rate_down)
    if layer.rate_up > 1:
        return at.up(path, layer, channels, layer.rate_up)
    return at.layer(path, layer, channels)


def _encoder(at: Position, encoder: Encoder) -> Steps:
    if encoder.input is not None:
        yield at.layer("encoder.input", encoder.input, encoder.input.channels)
    for i, block in enumerate(encoder.blocks):
        path = f"encoder.blocks.{i}"
        yield at.composite(path, block, _encoder_block(at, path, block, encoder.activation))
    yield from _lstm(at, "encoder.lstm", encoder.lstm_layers)
    if encoder.output is not None:
        yield at.layer("encoder.output_activation", encoder.activation, at.channels)
        yield at.layer("encoder.output", encoder.output, encoder.output.channels)


def _encoder_block(at: Position, path: str, block: EncoderBlock, activation: Activation) -> Steps:
    yield from _units(at, path, block.residual, activation)
    yield at.layer(f"{path}.activation", activation, at.channels)
    yield at.down(f"{path}.down", block.down, block.down.channels, block.down.stride)


def _decoder(at: Position, decoder: Decoder, audio_channels: int) -> Steps:
    if decoder.input is not None:
        yield at.layer("decoder.input", decoder.input, decoder.input.channels)
    yield from _lstm(at, "decoder.lstm", decoder.lstm_layers)
    for i, block in enumerate(decoder.blocks):
        path = f"decoder.blocks.{i}"
        yield at.composite(path, block, _decoder_block(at, path, block, decoder.activation))
    if decoder.output is not None:
        yield at.layer("decoder.output_activation", decoder.activation, at.channels)
        yield at.layer("decoder.output", decoder.output, audio_channels)
    if decoder.final_activation is not None:
        yield at.layer("decoder.final_activation", decoder.final_activation, at.channels)


def _decoder_block(at: Position, path: str, block: DecoderBlock, activation: Activation) -> Steps:
    yield at.layer(f"{path}.activation", activation, at.channels)
    yield at.up(f"{path}.up", block.up, block.up.channels, block.up.stride)
    yield from _units(at, path, block.residual, activation)


def _units(at: Position, path: str, units: tuple[object, ...], activation: Activation) -> Steps:
    for i, unit in enumerate(units):
        name = f"{path}.residual.{i}"
        yield at.composite(name, unit, UNITS.of(name, unit)(at, name, unit, activation))


@UNITS.add(ResidualUnit)
def _residual_unit(at: Position, path: str, unit: ResidualUnit, activation: Activation) -> Steps:
    channels = at.channels
    for j, (conv, after) in enumerate(zip(unit.convs, unit.widths(channels)[1:], strict=False)):
        yield at.layer(f"{path}.acts.{j}", activation, at.channels)
        yield at.layer(f"{path}.convs.{j}", conv, after)
    if unit.learnable_skip:
        yield at.layer(f"{path}.skip", SKIP, channels)
    look_ahead = sum(conv.look_ahead_steps for conv in unit.convs)
    yield at.layer(f"{path}.add", Sum(look_ahead), channels)


def _lstm(at: Position, path: str, layer_count: int) -> Steps:
    if layer_count:
        yield at.composite(path, LstmStack(layer_count), _lstm_layers(at, path, layer_count))


def _lstm_layers(at: Position, path: str, layer_count: int) -> Steps:
    for i in range(layer_count):
        yield at.layer(f"{path}.{i}", LstmLayer(), at.channels)
    yield at.layer(f"{path}.add", Sum(), at.channels)
