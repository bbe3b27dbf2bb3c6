"""Every engine against the whole clip, as the PyTorch models compute it in one call."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reference_models.nn.absorb import absorb
from tests.rounding import Reference

HOP, FRAMES, LAYERS = 240, 12, 6


@pytest.fixture(scope="module")
def streams(engine, track1):
    """What starts a stream of each side."""
    halves = absorb(track1) if engine.absorbed else (track1, track1)
    return engine.transmit(halves[0], 1), engine.receive(halves[1], 1)


@pytest.fixture(scope="module")
def reference(track1):
    return Reference(track1)


def noise(seed, frames=FRAMES):
    random = np.random.default_rng(seed)
    return (0.3 * random.standard_normal((1, frames * HOP))).astype(np.float32)


def offline(codec, audio, layers=LAYERS):
    return codec.encode(torch.tensor(audio)[None], layers)


def transmitted(stream, audio, layers=LAYERS):
    """The pieces of codes that each frame, and the end, bring."""
    pieces = [stream.frame(audio[:, at : at + HOP], layers) for at in range(0, audio.shape[1], HOP)]
    return [*pieces, stream.flush(layers)]


def received(stream, codes):
    """The pieces of audio that each frame, and the end, bring."""
    return [*(stream.frame(codes[:, f : f + 1]) for f in range(codes.shape[1])), stream.flush()]


def check_codes(found, track1, reference, audio, layers=LAYERS):
    expected = offline(track1, audio, layers)
    codes = torch.tensor(np.concatenate(found, axis=1))[:, None]
    reference.check_codes(codes, expected, torch.tensor(audio)[None])


def check_audio(found, reference, codes):
    audio = torch.tensor(np.concatenate(found, axis=1))[None]
    reference.check_audio(audio, torch.tensor(codes)[:, None])


def test_frames_bring_what_the_whole_clip_brings(streams, track1, reference):
    audio = noise(0)
    codes = transmitted(streams[0](), audio)
    # By hand: the look-ahead of one hop takes the codes of the first frame to the second.
    assert [piece.shape for piece in codes] == [(6, 0), *[(6, 1)] * (FRAMES - 1), (6, 1)]
    assert codes[-1].dtype == np.int64
    check_codes(codes, track1, reference, audio)
    whole = offline(track1, audio)[:, 0].numpy()
    decoded = received(streams[1](), whole)
    assert [piece.shape for piece in decoded] == [(1, 0), *[(1, HOP)] * (FRAMES - 1), (1, HOP)]
    assert decoded[-1].dtype == np.float32
    check_audio(decoded, reference, whole)


def test_layers_change_between_frames(streams, track1, reference):
    audio, stream = noise(1), streams[0]()
    wanted = [6, 6, 1, 1, 1, 1, 3, 3, 6, 2, 6, 6]
    frames = np.split(audio, FRAMES, axis=1)
    codes = [stream.frame(frame, n) for frame, n in zip(frames, wanted, strict=True)]
    codes.append(stream.flush(1))
    assert [piece.shape for piece in codes] == [(6, 0), *((n, 1) for n in [*wanted[1:], 1])]
    for layers in set(wanted):
        of_layers = [f for f, n in enumerate([*wanted[1:], 1]) if n == layers]
        expected = offline(track1, audio, layers)[..., of_layers]
        found = np.concatenate([codes[1 + f] for f in of_layers], axis=1)
        assert (torch.tensor(found)[:, None] != expected).float().mean() < 0.01  # but for ties
    receiver = streams[1]()
    decoded = np.concatenate(
        [*(receiver.frame(piece) for piece in codes[1:]), receiver.flush()], axis=1
    )
    to_latent = track1.quantizer.decode  # of a frame, whatever the others are
    latent = torch.cat([to_latent(torch.tensor(piece)[:, None]) for piece in codes[1:]], dim=2)
    with torch.no_grad():
        expected = track1.decoder(latent)[0].numpy()
    np.testing.assert_allclose(decoded, expected, atol=1e-5)


def test_streams_taken_in_turns_do_not_mix(streams, track1, reference):
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
        audio[which] += [receivers[which].frame(last), receivers[which].flush()]
        check_codes(codes[which], track1, reference, signal)
        check_audio(audio[which], reference, np.concatenate(codes[which], axis=1))


@pytest.mark.parametrize("how", ["flush", "reset"])
def test_a_stream_starts_afresh(streams, track1, reference, how):
    transmitter, receiver = (start() for start in streams)
    for piece in transmitted(transmitter, noise(4))[1:]:
        receiver.frame(piece)
    if how == "flush":
        receiver.flush()
    else:
        transmitter.frame(noise(4, 1), LAYERS)
        transmitter.reset()
        receiver.reset()
    audio = noise(5)
    codes = transmitted(transmitter, audio)
    check_codes(codes, track1, reference, audio)
    check_audio(
        received(receiver, np.concatenate(codes, axis=1)), reference, np.concatenate(codes, axis=1)
    )


def test_no_later_frame_changes_what_was_returned(streams):
    transmitter, receiver = (start() for start in streams)
    codes = transmitted(transmitter, noise(6))
    audio = received(receiver, np.concatenate(codes, axis=1))
    before = [piece.copy() for piece in (*codes, *audio)]
    for piece in transmitted(transmitter, noise(7))[1:]:
        receiver.frame(piece)
    for piece, kept in zip((*codes, *audio), before, strict=True):
        np.testing.assert_array_equal(piece, kept)
