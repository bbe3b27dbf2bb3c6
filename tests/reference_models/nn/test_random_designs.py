"""Models of random designs against plain functions, against their ledger, and in a stream."""

import pytest
import torch
from hypothesis import strategies as st
from torch import nn

from lrac_audit.design.activations import ACTIVATIONS
from lrac_audit.design.parts import (
    Activation,
    CodecDesign,
    Conv,
    Decoder,
    DecoderBlock,
    DownConv,
    EdgeConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    ResidualUnit,
    UpConv,
)
from lrac_audit.ledger import walk
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import memory
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build
from reference_models.nn.codec import Receiver, Transmitter
from tests.random_designs import designs
from tests.reference_models.nn import reference
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import assert_rounded_as_conditioned, nudged
from tests.sweeps import random_cases, thinned

of_any_design = random_cases(designs(), 16, 50)

EVERYTHING = CodecDesign(
    name="everything at once",
    sample_rate_hz=24_000,
    audio_channels=2,
    encoder=Encoder(
        activation=Activation("snake"),
        input=EdgeConv(4, 5, dilation=2, groups=2, causal=False),
        blocks=(
            EncoderBlock(
                (ResidualUnit((Conv(3, 2, causal=False), Conv(3, causal=False)), 2, True),),
                DownConv(6, 7, 3, causal=False),
            ),
            EncoderBlock((), DownConv(4, 3, 2, dilation=3, groups=2)),
        ),
        lstm_layers=2,
        output=EdgeConv(5, 3, causal=False),
    ),
    quantizer=Quantizer(3, 20, 3, (1, 3)),
    decoder=Decoder(
        activation=Activation("prelu"),
        input=EdgeConv(4, 3, causal=False),
        lstm_layers=1,
        blocks=(
            DecoderBlock(UpConv(6, 7, 2, groups=2, trim_left=3), ()),
            DecoderBlock(
                UpConv(4, 5, 3, trim_left=1),
                (ResidualUnit((Conv(5, 3, groups=2, causal=False), Conv(1)), 1, True),),
            ),
        ),
        output=Conv(7, causal=False),
        final_activation=Activation("tanh"),
    ),
)


def audio_of(design, samples):
    generator = torch.Generator().manual_seed(3)
    shape = 1, design.audio_channels, samples
    return 0.3 * torch.randn(shape, generator=generator, dtype=torch.float64)


def in_pieces(stream, x, size):
    return torch.cat([*(stream.push(piece) for piece in x.split(size, 2)), stream.flush()], 2)


def check_against_plain_functions(design, samples):
    codec = filled_codec(design, seed=4, dtype=torch.float64)
    other, weights, audio = nudged(codec), codec.state_dict(), audio_of(design, samples)
    with torch.no_grad():
        latent = codec.encoder(audio)
        expected = reference.encode(design, weights, audio)
        assert_rounded_as_conditioned(latent, expected, other.encoder(audio))
        expected = reference.decode(design, weights, latent)
        assert_rounded_as_conditioned(codec.decoder(latent), expected, other.decoder(latent))


def check_stream(design, samples, chunk):
    """In pieces, in both forms, with one layer and with all: against plain functions."""
    codec = filled_codec(design, seed=4, dtype=torch.float64)
    other, weights, audio = nudged(codec), codec.state_dict(), audio_of(design, samples)
    for layers in {1, design.quantizer.layers}:
        for transmit, receive in ((codec, codec), absorb(codec)):
            codes = in_pieces(Transmitter(transmit, layers), audio, chunk)
            with torch.inference_mode():
                latent = reference.encode(design, weights, audio)
                assert torch.equal(codes, codec.quantizer.encode(latent, layers))
                expected = reference.decode(design, weights, codec.quantizer.decode(codes))
            decoded = in_pieces(Receiver(receive), codes, -(-chunk // design.hop_samples))
            assert_rounded_as_conditioned(decoded, expected, other.decode(codes))


@random_cases(st.tuples(designs(), st.integers(1, 300)), 8, 20)
def test_a_model_computes_what_the_recipe_s_formulas_say(drawn):
    check_against_plain_functions(*drawn)


CHUNKS = st.sampled_from([1, 7, 240, 241, 5000])


@random_cases(st.tuples(designs(), st.integers(1, 200), CHUNKS), 8, 20)
def test_a_stream_computes_what_the_recipe_s_formulas_say(drawn):
    check_stream(*drawn)


@random_cases(st.tuples(designs(), st.integers(1, 40)), 8, 20)
def test_a_stream_of_equal_frames_computes_what_the_recipe_s_formulas_say(drawn):
    design, frames = drawn
    check_stream(design, frames * design.hop_samples, design.hop_samples)


def test_a_design_with_everything_at_once_computes_what_the_formulas_say():
    check_against_plain_functions(EVERYTHING, 500)


@pytest.mark.parametrize("chunk", thinned([1, 6, 7, 12, 240, 241, 5000], 3))
def test_a_design_with_everything_at_once_streams_too(chunk):
    check_stream(EVERYTHING, 500, chunk)


def settled(design):
    """Streams that have taken all of their context, and stand at a whole hop."""
    codec = filled_codec(design, seed=5)
    ahead = latency(walk(design, "projected", 1)).total_samples
    hops = -(-ahead // design.hop_samples) + 3
    transmitter, receiver = Transmitter(codec), Receiver(codec)
    transmitter.push(audio_of(design, hops * design.hop_samples).float())
    receiver.push(torch.zeros(design.quantizer.layers, 1, hops, dtype=torch.int64))
    return transmitter, receiver


@of_any_design
def test_the_state_of_a_stream_is_the_ledger_s(design):
    ledger = walk(design, "projected", design.quantizer.layers)
    for stream, side in zip(settled(design), ("transmit", "receive"), strict=True):
        stated, kept = memory(ledger, side), stream.footprint()
        assert (kept.state_values, kept.held_values) == (stated.state_values, stated.held_values)
        all_values = kept.state_values + kept.held_values + kept.waiting_values
        assert kept.size_bytes == 4 * all_values


@of_any_design
def test_every_row_with_weights_is_a_module_with_as_many(design):
    codec = filled_codec(design, seed=5)
    for row in walk(design, "projected", design.quantizer.layers).rows:
        if row.side == "receive" and row.stage == "rvq":
            continue  # the trained form has one quantizer for both sides
        if row.stored_values or (row.work and row.op not in ("add", "lookup")):
            module = codec.get_submodule(row.name)
            if row.op == "search":
                assert module.embed.numel() == row.stored_values
            else:
                assert sum(p.numel() for p in module.parameters()) == row.stored_values


@of_any_design
def test_the_absorbed_halves_store_what_the_ledger_states(design):
    ledger = walk(design, "absorbed", design.quantizer.layers)
    for half, side in zip(absorb(filled_codec(design, 5)), ("transmit", "receive"), strict=True):
        stored = sum(value.numel() for value in half.state_dict().values())
        assert stored == memory(ledger, side).total_stored_values


def linear_codec(design):
    """The same reach without activations; no sum can cancel, for every weight is positive."""
    codec = build(design).double()
    pointwise = [row.name for row in walk(design, "projected", 1).rows if row.op in ACTIVATIONS]
    for name in pointwise:
        codec.set_submodule(name, nn.Identity())
    for name, value in codec.state_dict().items():
        if not name.endswith("bias"):
            value.abs_().add_(0.1)
    return codec


def reach(outputs, x):
    """First and last step of ``x`` that ``outputs`` depend on."""
    (gradient,) = torch.autograd.grad(outputs.sum(), x, retain_graph=True)
    steps = gradient.abs().sum((0, 1)).nonzero()[:, 0]
    return int(steps[0]), int(steps[-1])


@of_any_design
def test_the_encoder_reaches_as_far_as_the_ledger_states(design):
    ledger, hop = walk(design, "projected", 1), design.hop_samples
    seen, ahead = context(ledger).encoder_samples, latency(ledger).transmit_samples
    frame = -(-(seen or hop) // hop) + 1
    audio = torch.randn(1, design.audio_channels, (frame + 1) * hop + ahead + hop).double()
    audio.requires_grad_()
    latent = linear_codec(design).encoder(audio)
    first, last = reach(latent[:, :, frame], audio)
    assert last == hop * (frame + 1) - 1 + ahead
    assert first == (0 if seen is None else last - seen + 1)


@of_any_design
def test_the_decoder_reaches_as_far_as_the_ledger_states(design):
    ledger, hop = walk(design, "projected", 1), design.hop_samples
    stated = context(ledger)
    past, future = stated.decoder_past_frames, stated.decoder_future_frames
    frame = (past or 1) + 1
    latent = torch.randn(1, design.latent_dim, frame + future + 2).double().requires_grad_()
    audio = linear_codec(design).decoder(latent)
    reaches = [reach(audio[:, :, t], latent) for t in range(hop * frame, hop * (frame + 1))]
    assert max(last for _, last in reaches) == frame + future
    assert min(first for first, _ in reaches) == (0 if past is None else frame - past)
