"""Delay, context and multiply-accumulates a second time, without formulas.

Here sets of sample indices are pushed back through every layer, tap by tap, from the definition of
the (transposed) convolution and the recipe's padding. Nothing of ``lrac_audit.ledger`` is used to
get the expected values.
"""

from __future__ import annotations

from collections.abc import Iterable

from lrac_audit import audit
from lrac_audit.design.parts import CodecDesign, Conv, DownConv, EdgeConv, ResidualUnit, UpConv
from tests.random_designs import designs
from tests.sweeps import random_cases

Indices = set[int]


def conv_inputs(wanted: Iterable[int], conv: Conv | EdgeConv | DownConv) -> Indices:
    """Input steps under the taps of the outputs ``wanted``."""
    stride = conv.stride if isinstance(conv, DownConv) else 1
    padding = (conv.kernel - 1) * conv.dilation + 1 - stride
    left = padding if conv.causal else padding - padding // 2
    return {
        out * stride + tap * conv.dilation - left for out in wanted for tap in range(conv.kernel)
    }


def up_inputs(wanted: Iterable[int], up: UpConv) -> Indices:
    """Input steps whose response, ``kernel`` samples long, covers one of ``wanted``."""
    found = set()
    for out in wanted:
        untrimmed = out + up.trim_left
        first = (untrimmed - up.kernel) // up.stride
        for step in range(first, untrimmed // up.stride + 1):
            if 0 <= untrimmed - step * up.stride < up.kernel:
                found.add(step)
    return found


def unit_inputs(wanted: Indices, unit: ResidualUnit) -> Indices:
    branch = wanted
    for conv in reversed(unit.convs):
        branch = conv_inputs(branch, conv)
    return branch | wanted


def latent_inputs(design: CodecDesign) -> Indices:
    """Audio samples that latent frame 0 sees, LSTM layers aside."""
    encoder, wanted = design.encoder, {0}
    if encoder.output is not None:
        wanted = conv_inputs(wanted, encoder.output)
    for block in reversed(encoder.blocks):
        wanted = conv_inputs(wanted, block.down)
        for unit in reversed(block.residual):
            wanted = unit_inputs(wanted, unit)
    return conv_inputs(wanted, encoder.input) if encoder.input is not None else wanted


def audio_inputs(design: CodecDesign, sample: int) -> Indices:
    """Latent frames that one output sample sees, LSTM layers aside."""
    decoder, wanted = design.decoder, {sample}
    if decoder.output is not None:
        wanted = conv_inputs(wanted, decoder.output)
    for block in reversed(decoder.blocks):
        for unit in reversed(block.residual):
            wanted = unit_inputs(wanted, unit)
        wanted = up_inputs(wanted, block.up)
    return conv_inputs(wanted, decoder.input) if decoder.input is not None else wanted


@random_cases(designs(), 50, 200)
def test_latency_by_index_sets(design: CodecDesign) -> None:
    hop, seen = design.hop_samples, latent_inputs(design)
    latest_input = max(seen)
    total = 1 + max(
        hop * max(audio_inputs(design, sample)) + latest_input - sample for sample in range(hop)
    )
    found = audit(design).document()["latency"]
    assert found["total_samples"] == total
    look_ahead_ms = (latest_input - (hop - 1)) * 1000 / design.sample_rate_hz
    assert found["transmit"]["algorithmic_ms"] == look_ahead_ms


@random_cases(designs(), 50, 200)
def test_receptive_fields_by_index_sets(design: CodecDesign) -> None:
    found = audit(design).document()["receptive_field"]
    if design.encoder.lstm_layers:
        assert found["encoder_samples"] is None
    else:
        seen = latent_inputs(design)
        # A strided layer may skip samples inside its reach; the field spans them and its own hop.
        first, last = min(*seen, 0), max(*seen, design.hop_samples - 1)
        assert found["encoder_samples"] == last - first + 1
    frames = [audio_inputs(design, sample) for sample in range(design.hop_samples)]
    assert found["decoder_future_frames"] == max(0, *(max(seen) for seen in frames))
    if design.decoder.lstm_layers:
        assert found["decoder_past_frames"] is None
    else:
        assert found["decoder_past_frames"] == -min(0, *(min(seen) for seen in frames))


def conv_macs(conv: Conv | EdgeConv | DownConv, before: int, after: int, outputs: int) -> int:
    """One product per output step, tap, output channel and input channel of its group."""
    return sum(
        before // conv.groups
        for _ in range(outputs)
        for _ in range(conv.kernel)
        for _ in range(after)
    )


def up_macs(up: UpConv, before: int, outputs: int) -> int:
    """One product per output sample, input step that reaches it, and pair of channels."""
    base = 1000 * up.stride
    reaching = sum(len(up_inputs([base + out], up)) for out in range(outputs))
    return reaching * (before // up.groups) * up.channels


def residual_macs(units: Iterable[ResidualUnit], width: int, outputs: int) -> int:
    total = 0
    for unit in units:
        inner = width // unit.compress
        for i, conv in enumerate(unit.convs):
            before = width if i == 0 else inner
            after = width if i == len(unit.convs) - 1 else inner
            total += conv_macs(conv, before, after, outputs)
        total += width * width * outputs if unit.learnable_skip else 0
    return total


def lstm_macs(layers: int, width: int) -> int:
    """Four gates, each a matrix on the input and one on the state, once a frame."""
    return sum(2 * width * width for _ in range(layers) for _gate in range(4))


def encoder_macs(design: CodecDesign) -> int:
    encoder, width, steps, total = design.encoder, design.audio_channels, design.hop_samples, 0
    if encoder.input is not None:
        total += conv_macs(encoder.input, width, encoder.input.channels, steps)
        width = encoder.input.channels
    for block in encoder.blocks:
        total += residual_macs(block.residual, width, steps)
        steps //= block.down.stride
        total += conv_macs(block.down, width, block.down.channels, steps)
        width = block.down.channels
    total += lstm_macs(encoder.lstm_layers, width)
    if encoder.output is not None:
        total += conv_macs(encoder.output, width, encoder.output.channels, steps)
    return total


def decoder_macs(design: CodecDesign) -> int:
    decoder, width, steps, total = design.decoder, design.latent_dim, 1, 0
    if decoder.input is not None:
        total += conv_macs(decoder.input, width, decoder.input.channels, steps)
        width = decoder.input.channels
    total += lstm_macs(decoder.lstm_layers, width)
    for block in decoder.blocks:
        steps *= block.up.stride
        total += up_macs(block.up, width, steps)
        width = block.up.channels
        total += residual_macs(block.residual, width, steps)
    if decoder.output is not None:
        total += conv_macs(decoder.output, width, design.audio_channels, steps)
    return total


@random_cases(designs(), 50, 200)
def test_macs_by_counting_products(design: CodecDesign) -> None:
    found = audit(design, convention="macs").document()["complexity"]
    assert found["encoder"]["flops_per_frame"] == encoder_macs(design)
    assert found["decoder"]["flops_per_frame"] == decoder_macs(design)
