"""Every engine against the whole clip, as the PyTorch models compute it in one call."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.streaming.codec_stream import CodecStream
from reference_models.streaming.live_codec import LiveCodec
from reference_models.streaming.packets import PacketFormat
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.quantizer_designs import design_of
from tests.rounding import Reference

HOP, FRAMES, LAYERS = 240, 12, 6
AHEAD = {"track1": 1, "track2": 2}
"""Hops of look-ahead on each side."""


@pytest.fixture(scope="module", params=["track1", pytest.param("track2", marks=pytest.mark.sweep)])
def track(request):
    return request.param


@pytest.fixture(scope="module")
def codec(track):
    return filled_codec(load_design(track).design, seed=1)


@pytest.fixture(scope="module")
def streams(engine, codec):
    """What starts a stream of each side."""
    halves = absorb(codec) if engine.absorbed else (codec, codec)
    return engine.transmit(halves[0], 1), engine.receive(halves[1], 1)


@pytest.fixture(scope="module")
def reference(codec):
    return Reference(codec)


def noise(seed, frames=FRAMES):
    random = np.random.default_rng(seed)
    return (0.3 * random.standard_normal((1, frames * HOP))).astype(np.float32)


def offline(codec, audio, layers=LAYERS):
    return codec.encode(torch.tensor(audio)[None], layers)


def transmitted(stream, audio, layers=LAYERS):
    """The pieces of codes that each frame, and the end, bring."""
    pieces = [stream.frame(audio[:, at : at + HOP], layers) for at in range(0, audio.shape[1], HOP)]
    return [*pieces, stream.flush(layers)]


def frames_of(pieces):
    """Codes frame by frame, of pieces of any number of frames."""
    return [piece[:, f : f + 1] for piece in pieces for f in range(piece.shape[1])]


def received(stream, codes):
    """The pieces of audio that each frame, and the end, bring."""
    return [*(stream.frame(frame) for frame in frames_of([codes])), stream.flush()]


def check_codes(found, codec, reference, audio, layers=LAYERS):
    expected = offline(codec, audio, layers)
    codes = torch.tensor(np.concatenate(found, axis=1))[:, None]
    reference.check_codes(codes, expected, torch.tensor(audio)[None])


def check_audio(found, reference, codes):
    """Compare audio with that of the models, but for what other sums in single precision change."""
    whole = reference.single.decode(torch.tensor(codes)[:, None])[0].numpy()
    audio = np.concatenate(found, axis=1)
    np.testing.assert_allclose(audio, whole, rtol=0, atol=1e-5 * np.abs(whole).max())


def test_frames_bring_what_the_whole_clip_brings(streams, track, codec, reference):
    audio, ahead = noise(0), AHEAD[track]
    codes = transmitted(streams[0](), audio)
    # By hand: each hop of look-ahead takes the codes of a frame one frame further.
    shapes = [*[(6, 0)] * ahead, *[(6, 1)] * (FRAMES - ahead), (6, ahead)]
    assert [piece.shape for piece in codes] == shapes
    assert codes[-1].dtype == np.int64
    check_codes(codes, codec, reference, audio)
    whole = offline(codec, audio)[:, 0].numpy()
    decoded = received(streams[1](), whole)
    shapes = [*[(1, 0)] * ahead, *[(1, HOP)] * (FRAMES - ahead), (1, ahead * HOP)]
    assert [piece.shape for piece in decoded] == shapes
    assert decoded[-1].dtype == np.float32
    check_audio(decoded, reference, whole)


def test_layers_change_between_frames(streams, track, codec, reference):
    audio, stream, ahead = noise(1), streams[0](), AHEAD[track]
    wanted = [6, 6, 1, 1, 1, 1, 3, 3, 6, 2, 6, 6]
    frames = np.split(audio, FRAMES, axis=1)
    pieces = [stream.frame(frame, n) for frame, n in zip(frames, wanted, strict=True)]
    pieces.append(stream.flush(1))
    codes = frames_of(pieces)
    layers = [*wanted[ahead:], *[1] * ahead]
    assert [piece.shape for piece in codes] == [(n, 1) for n in layers]
    for n in set(layers):
        of_n = [f for f, each in enumerate(layers) if each == n]
        found = torch.tensor(np.concatenate([codes[f] for f in of_n], axis=1))[:, None]
        assert (found != offline(codec, audio, n)[..., of_n]).float().mean() < 0.01  # but for ties
    receiver = streams[1]()
    decoded = [*(receiver.frame(piece) for piece in codes), receiver.flush()]
    to_latent = codec.quantizer.decode  # of a frame, whatever the others are
    latent = torch.cat([to_latent(torch.tensor(piece)[:, None]) for piece in codes], dim=2)
    with torch.no_grad():
        expected = codec.decoder(latent)[0].numpy()
    np.testing.assert_allclose(np.concatenate(decoded, axis=1), expected, atol=1e-5)


def test_streams_taken_in_turns_do_not_mix(streams, codec, reference):
    signals = [noise(2), noise(3)]
    transmitters, receivers = ([start() for _ in signals] for start in streams)
    codes, audio = [[], []], [[], []]
    for at in range(0, FRAMES * HOP, HOP):
        for which, signal in enumerate(signals):
            piece = transmitters[which].frame(signal[:, at : at + HOP], LAYERS)
            codes[which].append(piece)
            if piece.shape[1]:
                audio[which].append(receivers[which].frame(piece))
    for which, signal in enumerate(signals):
        last = transmitters[which].flush(LAYERS)
        codes[which].append(last)
        audio[which] += received(receivers[which], last)
        check_codes(codes[which], codec, reference, signal)
        check_audio(audio[which], reference, np.concatenate(codes[which], axis=1))


def test_a_live_stream_on_every_engine(engine_name, engine, codec, reference):
    """A codec as trained is absorbed for the engines that run nothing else."""
    live = LiveCodec(codec, engine=engine_name)
    forms = "absorbed-transmit to absorbed-receive" if engine.absorbed else "trained"
    assert (live.form, live.engine) == (forms, engine_name)
    audio, stream = noise(8), CodecStream(live)
    packets = stream.send(audio) + stream.end_sending()
    decoded = [*(stream.receive(packet) for packet in packets), stream.end_receiving()]
    codes = np.concatenate([PacketFormat(live.design).unpack(each) for each in packets], axis=1)
    check_codes([codes], codec, reference, audio)
    check_audio(decoded, reference, codes)


@pytest.mark.parametrize(
    "quantizer", ["fsq: {levels: [7, 5, 4], layers: 2}", "lookup_free: {bits: 6}"]
)
def test_a_quantizer_without_codebooks_on_every_engine(engine_name, quantizer):
    """Such a codec has nothing to absorb."""
    codec = filled_codec(design_of(f"{{{quantizer}}}"), seed=1)
    live, layers = LiveCodec(codec, engine=engine_name), codec.design.quantizer.layers
    assert live.form == "trained"
    audio = noise(9)
    codes = np.concatenate(transmitted(live.transmit_stream(), audio, layers), axis=1)
    expected = offline(codec, audio, layers)
    assert len(np.unique(codes)) > 4
    np.testing.assert_array_equal(codes, expected[:, 0].numpy())
    decoded = np.concatenate(received(live.receive_stream(), codes), axis=1)
    whole = codec.decode(expected)[0].numpy()
    np.testing.assert_allclose(decoded, whole, rtol=0, atol=1e-5 * np.abs(whole).max())


@pytest.mark.parametrize("how", ["flush", "reset"])
def test_a_stream_starts_afresh(streams, codec, reference, how):
    transmitter, receiver = (start() for start in streams)
    for frame in frames_of(transmitted(transmitter, noise(4))):
        receiver.frame(frame)
    if how == "flush":
        receiver.flush()
    else:
        transmitter.frame(noise(4, 1), LAYERS)
        transmitter.reset()
        receiver.reset()
    audio = noise(5)
    pieces = transmitted(transmitter, audio)
    check_codes(pieces, codec, reference, audio)
    codes = np.concatenate(pieces, axis=1)
    check_audio(received(receiver, codes), reference, codes)


def test_no_later_frame_changes_what_was_returned(streams):
    transmitter, receiver = (start() for start in streams)
    codes = transmitted(transmitter, noise(6))
    audio = received(receiver, np.concatenate(codes, axis=1))
    before = [piece.copy() for piece in (*codes, *audio)]
    for frame in frames_of(transmitted(transmitter, noise(7))):
        receiver.frame(frame)
    for piece, kept in zip((*codes, *audio), before, strict=True):
        np.testing.assert_array_equal(piece, kept)
