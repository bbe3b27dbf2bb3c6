"""The one walk over a design that yields its ledger.

The names of the rows are the paths of the modules of a model built from the design.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrac_audit.design.parts import Activation, CodecDesign, Conv, ResidualUnit
from lrac_audit.ledger import operations
from lrac_audit.ledger.row import Ledger, Mode, Row, RvqForm, Side, Stage, Storage

Rows = Iterator[Row]

SKIP = Conv(kernel=1)
"""The convolution in a learnable skip path."""


def walk(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Ledger:
    """The ledger of ``design`` with its quantizer in the form ``rvq``, ``active_layers`` of it on.

    Layers of the quantizer that are off stay in the ledger, without work: a system that serves
    several bitrates stores them all.
    """
    rows = (
        *_encoder(design),
        *_rvq_transmit(design, rvq, active_layers),
        *_rvq_receive(design, rvq, active_layers),
        *_decoder(design),
    )
    return Ledger(
        name=design.name,
        sample_rate_hz=design.sample_rate_hz,
        hop_samples=design.hop_samples,
        mode=Mode(rvq, active_layers, design.bitrate_kbps(active_layers)),
        bitrates_kbps=tuple(design.bitrate_kbps(n) for n in design.quantizer.mode_layers),
        rows=rows,
    )


def _residual(
    path: str,
    side: Side,
    stage: Stage,
    units: tuple[ResidualUnit, ...],
    activation: Activation,
    width: int,
    hop_samples: int,
    samples_per_step: int,
) -> Rows:
    runs = hop_samples // samples_per_step
    for i, unit in enumerate(units):
        name = f"{path}.residual.{i}"
        widths = unit.widths(width)
        for j, conv in enumerate(unit.convs):
            act = f"{name}.acts.{j}"
            yield operations.activation(act, side, stage, activation, widths[j], runs)
            channels = widths[j], widths[j + 1]
            yield operations.conv(
                f"{name}.convs.{j}", side, stage, conv, channels, hop_samples, samples_per_step
            )
        if unit.learnable_skip:
            channels = width, width
            yield operations.conv(
                f"{name}.skip", side, stage, SKIP, channels, hop_samples, samples_per_step
            )
        look_ahead = sum(operations.look_ahead_steps(conv) for conv in unit.convs)
        yield operations.add(f"{name}.add", side, stage, width, runs, look_ahead)


def _lstm(path: str, side: Side, stage: Stage, layers: int, width: int) -> Rows:
    """LSTM layers at the frame rate, with the skip around all of them."""
    for i in range(layers):
        yield operations.lstm(f"{path}.lstm.{i}", side, stage, width, runs=1)
    if layers:
        yield operations.add(f"{path}.lstm.add", side, stage, width, runs=1)


def _encoder(design: CodecDesign) -> Rows:
    encoder, hop, width, step = design.encoder, design.hop_samples, design.audio_channels, 1
    side: Side = "transmit"
    stage: Stage = "encoder"
    act = encoder.activation
    if encoder.input is not None:
        channels = width, encoder.input.channels
        yield operations.conv("encoder.input", side, stage, encoder.input, channels, hop, step)
        width = encoder.input.channels
    for i, block in enumerate(encoder.blocks):
        path, down = f"encoder.blocks.{i}", block.down
        yield from _residual(path, side, stage, block.residual, act, width, hop, step)
        yield operations.activation(f"{path}.activation", side, stage, act, width, hop // step)
        channels = width, down.channels
        yield operations.conv(f"{path}.down", side, stage, down, channels, hop, step)
        width, step = down.channels, step * down.stride
    yield from _lstm("encoder", side, stage, encoder.lstm_layers, width)
    if encoder.output is not None:
        yield operations.activation("encoder.output_activation", side, stage, act, width, 1)
        channels = width, encoder.output.channels
        yield operations.conv("encoder.output", side, stage, encoder.output, channels, hop, step)


def _decoder(design: CodecDesign) -> Rows:
    decoder, hop, width = design.decoder, design.hop_samples, design.latent_dim
    side: Side = "receive"
    stage: Stage = "decoder"
    act, step = decoder.activation, hop
    if decoder.input is not None:
        channels = width, decoder.input.channels
        yield operations.conv("decoder.input", side, stage, decoder.input, channels, hop, step)
        width = decoder.input.channels
    yield from _lstm("decoder", side, stage, decoder.lstm_layers, width)
    for i, block in enumerate(decoder.blocks):
        path = f"decoder.blocks.{i}"
        yield operations.activation(f"{path}.activation", side, stage, act, width, hop // step)
        step //= block.up.stride
        yield operations.transposed_conv(f"{path}.up", block.up, width, hop, step)
        width = block.up.channels
        yield from _residual(path, side, stage, block.residual, act, width, hop, step)
    if decoder.output is not None:
        yield operations.activation("decoder.output_activation", side, stage, act, width, hop)
        channels = width, design.audio_channels
        yield operations.conv("decoder.output", side, stage, decoder.output, channels, hop, step)
    if decoder.final_activation is not None:
        final = decoder.final_activation
        channels_out = design.audio_channels
        yield operations.activation(
            "decoder.final_activation", side, stage, final, channels_out, hop
        )


def _rvq_transmit(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Rows:
    """Project, search, look up, project back, subtract: for each layer, as published tables count.

    What the last active layer subtracts is used by nobody; the published 19.35 and 48 MFLOPS
    include its output projection all the same.
    """
    latent, dim, size = design.latent_dim, design.codebook_dim, design.quantizer.codebook_size
    absorbed = rvq == "absorbed"
    for i in range(design.quantizer.layers):
        name = f"quantizer.layers.{i}"
        rows = []
        if design.has_projections:
            project_in = f"{name}.project_in"
            rows.append(operations.linear(project_in, "transmit", latent, dim, 1, "projection_in"))
        rows.append(operations.search(f"{name}.search", size, dim, 1))
        table = size * latent if design.has_projections and absorbed else 0
        width = latent if absorbed else dim
        rows.append(operations.lookup(f"{name}.lookup", "transmit", width, 1, table, "table"))
        if design.has_projections and not absorbed:
            project_out = f"{name}.project_out"
            rows.append(
                operations.linear(project_out, "transmit", dim, latent, 1, "projection_out")
            )
        rows.append(operations.add(f"{name}.subtract", "transmit", "rvq", latent, 1))
        yield from _switched(rows, i < active_layers)


def _rvq_receive(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Rows:
    """Look up, project back, and add to the layers before."""
    latent, dim, size = design.latent_dim, design.codebook_dim, design.quantizer.codebook_size
    absorbed = design.has_projections and rvq == "absorbed"
    storage: Storage = "table" if absorbed else "codebook"
    width = latent if absorbed else dim
    for i in range(design.quantizer.layers):
        name = f"quantizer.layers.{i}"
        lookup = f"{name}.lookup"
        rows = [operations.lookup(lookup, "receive", width, 1, size * width, storage)]
        if design.has_projections and not absorbed:
            project_out = f"{name}.project_out"
            rows.append(operations.linear(project_out, "receive", dim, latent, 1, "projection_out"))
        if i > 0:
            rows.append(operations.add(f"{name}.add", "receive", "rvq", latent, 1))
        yield from _switched(rows, i < active_layers)


def _switched(rows: list[Row], active: bool) -> Rows:
    if active:
        yield from rows
        return
    for row in rows:
        yield row._replace(runs_per_frame=0, work={}, note="a layer that this mode leaves off")
