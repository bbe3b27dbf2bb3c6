"""Live streams: packets, callbacks of any size, losses, and what is refused."""

from __future__ import annotations

from math import lcm

import numpy as np
import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from reference_models.audio.pcm import from_pcm16, to_pcm16
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build_untrained
from reference_models.streaming.codec_stream import CodecStream
from reference_models.streaming.concealment import Substitute
from reference_models.streaming.live_codec import LiveCodec
from reference_models.streaming.playout import PlayoutQueue
from tests.reference_models.cli.conftest import TINY
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.quantizer_designs import design_of

HOP = 240


@pytest.fixture(scope="module")
def codec(tmp_path_factory):
    """A small codec that looks one sample ahead in the encoder and two in the decoder."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.yaml"
    path.write_text(TINY)
    return filled_codec(load_design(str(path)).design, seed=1)


@pytest.fixture(scope="module")
def live(codec):
    return LiveCodec(codec)


def noise(samples, seed=0):
    random = np.random.default_rng(seed)
    return (0.3 * random.standard_normal((1, samples))).astype(np.float32)


def blocks(audio, sizes):
    """Pieces of ``audio`` with the lengths of ``sizes``, over and over."""
    at, pieces = 0, []
    while at < audio.shape[1]:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(audio[:, at : at + size])
        at += size
    return pieces


def sent(stream, pieces):
    return [packet for piece in pieces for packet in stream.send(piece)] + stream.end_sending()


def offline_codes(codec, audio, layers=6):
    return codec.encode(torch.tensor(audio)[None], layers)


def offline(codec, audio, layers=6):
    return codec.decode(offline_codes(codec, audio, layers))[0].numpy()


def heard(stream, packets):
    """The audio of packets, of which None was lost."""
    pieces = [stream.lose() if packet is None else stream.receive(packet) for packet in packets]
    return np.concatenate([*pieces, stream.end_receiving()], axis=1)


@pytest.mark.parametrize("sizes", [[1, 500, 3], [256], [HOP], [5000]])
def test_callbacks_of_any_size_bring_the_packets_of_the_whole_clip(live, codec, sizes):
    audio = noise(10 * HOP)
    packets = sent(CodecStream(live), blocks(audio, sizes))
    assert [len(packet) for packet in packets] == [8] * 10  # 6 x 10 bits
    np.testing.assert_allclose(heard(CodecStream(live), packets), offline(codec, audio), atol=1e-6)


def test_the_bits_of_a_packet_by_hand(live, codec):
    """Indices of 10 bits, the highest bit first, then zeros up to a whole byte."""
    audio = noise(4 * HOP)
    packets = sent(CodecStream(live), [audio])
    for packet, codes in zip(packets, offline_codes(codec, audio)[:, 0].T.tolist(), strict=True):
        bits = "".join(f"{code:010b}" for code in codes) + "0000"
        assert packet == bytes(int(bits[at : at + 8], 2) for at in range(0, 64, 8))


def test_an_incomplete_packet_is_filled_with_silence(live, codec):
    audio = noise(4 * HOP + 100)
    padded = np.pad(audio, ((0, 0), (0, 2 * HOP - 100)))
    packets = sent(CodecStream(live, frames_per_packet=3), blocks(audio, [256]))
    assert [len(packet) for packet in packets] == [23, 23]  # 180 bits
    found = heard(CodecStream(live, frames_per_packet=3), packets)
    np.testing.assert_allclose(found, offline(codec, padded), atol=1e-6)


@pytest.mark.parametrize(
    ("frames_per_packet", "kbps"), [(1, {1: 1.6, 6: 6.4}), (2, {1: 1.2, 6: 6.0}), (4, {1: 1, 6: 6})]
)
def test_bitrate_of_whole_bytes(live, frames_per_packet, kbps):
    """By hand: 10 bits a layer in 100 frames a second: 10 bits take 2 bytes, 20 bits 3 bytes."""
    stream = CodecStream(live, frames_per_packet=frames_per_packet)
    found = {}
    for layers in kbps:
        stream.layers = layers
        found[layers] = stream.packet_kbps
    assert found == pytest.approx(kbps)


def test_the_bitrate_changes_with_the_next_packet(live, codec):
    audio = noise(10 * HOP)
    stream = CodecStream(live, frames_per_packet=2)
    packets = []
    for number, frame in enumerate(blocks(audio, [HOP])):
        stream.layers = 1 if 2 <= number < 7 else 6
        packets += stream.send(frame)
    packets += stream.end_sending()
    # Codes come one frame later than audio: packet k is begun by frame 2 k + 1.
    layers = [6, 1, 1, 6, 6]
    assert [len(packet) for packet in packets] == [{6: 15, 1: 3}[n] for n in layers]
    codes = {n: offline_codes(codec, audio, n) for n in (1, 6)}
    latent = torch.cat(
        [codec.quantizer.decode(codes[n][:, :, 2 * k : 2 * k + 2]) for k, n in enumerate(layers)],
        dim=2,
    )
    with torch.no_grad():
        expected = codec.decoder(latent)[0].numpy()
    found = heard(CodecStream(live, frames_per_packet=2), packets)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("track", ["tiny", "track1"])
@pytest.mark.parametrize(
    ("frames_per_packet", "callback"), [(1, 240), (1, 1), (1, 256), (1, 120), (3, 100), (2, 1000)]
)
def test_delay_is_what_callbacks_need(request, live, track, track1, frames_per_packet, callback):
    """Playing one sample less silence first, some callback finds too little; not with this much."""
    live = LiveCodec(track1) if track == "track1" else live
    delay = CodecStream(live, frames_per_packet=frames_per_packet).delay(callback)
    assert delay.total_samples == delay.playout_samples + callback
    for silence, misses in ((delay.playout_samples, False), (delay.playout_samples - 1, True)):
        assert misses_in_a_loop(live, frames_per_packet, callback, silence, delay) == misses


def misses_in_a_loop(live, frames_per_packet, callback, silence, delay):
    """Whether some callback found too little to play, until all their positions had come."""
    period = lcm(callback, frames_per_packet * live.design.hop_samples)
    count = -(-(delay.total_samples + period) // callback)
    stream, queue = CodecStream(live, frames_per_packet=frames_per_packet), PlayoutQueue(1, silence)
    for block in blocks(noise(count * callback), [callback]):
        for packet in stream.send(block):
            queue.put(stream.receive(packet))
        assert queue.take(callback).shape == (1, callback)
    return queue.missing_samples > 0


@pytest.mark.parametrize(
    ("quantizer", "packet_bytes"),
    [
        # 1, 2 and 4 codes of 6 bits in a frame of four latent steps
        ("{multi_scale: {strides: [4, 2, 1], codebook_size: 64, codebook_dim: 3}}", 6),
        # two layers of two groups, of 5 bits each
        ("{grouped_rvq: {groups: 2, layers: 2, codebook_size: 32}}", 3),
        ("{fsq: {levels: [8, 5, 5, 5]}}", 2),  # one code of 1,000 values
    ],
)
def test_codes_of_every_kind_go_through_packets_and_callbacks(quantizer, packet_bytes):
    codec = build_untrained(design_of(quantizer), seed=1)
    live, hop, layers = LiveCodec(codec), codec.design.hop_samples, codec.design.quantizer.layers
    audio = noise(12 * hop)
    packets = sent(CodecStream(live), blocks(audio, [256]))
    assert [len(packet) for packet in packets] == [packet_bytes] * 12
    expected = offline(codec, audio, layers)
    np.testing.assert_allclose(heard(CodecStream(live), packets), expected, atol=1e-6)
    delay = CodecStream(live).delay(3 * 256)
    for silence, misses in ((delay.playout_samples, False), (delay.playout_samples - 1, True)):
        assert misses_in_a_loop(live, 1, 3 * 256, silence, delay) == misses


@pytest.mark.parametrize(
    ("frames_per_packet", "callback", "parts"),
    [
        # Track 1 is audited at 720 samples: a hop of 240, and one of look-ahead on each side.
        (1, 240, (720, 0, 0, 0)),
        (1, 80, (720, 0, 0, 0)),
        # The frames of 240 that are complete lag behind multiples of 256 by up to 224.
        (1, 256, (720, 0, 0, 224 + 256 - 240)),
        # Of each two blocks of 240 one finds the packet of 480 incomplete.
        (2, 240, (720, 0, 240, 0)),
        # The look-ahead ends packets at odd multiples of 240, which are 16 beyond one of 32.
        (2, 256, (720, 0, 240, (480 - 32 + 16) + 256 - 480)),
    ],
)
def test_parts_of_the_delay_by_hand(track1, frames_per_packet, callback, parts):
    delay = CodecStream(LiveCodec(track1), frames_per_packet=frames_per_packet).delay(callback)
    found = (
        *(delay.audited_samples, delay.framing_samples),
        *(delay.packet_samples, delay.callback_samples),
    )
    assert found == parts
    assert delay.total_samples == sum(parts)


def test_a_loss_is_repeated_faded_and_forgotten(track1):
    """Frames 8 to 11 are lost, and 14; the audio of a frame comes out one frame later."""
    live, lost = LiveCodec(track1), (8, 9, 10, 11, 14)
    packets = sent(CodecStream(live), [noise(60 * HOP)])
    with_loss = [None if f in lost else packet for f, packet in enumerate(packets)]
    stream = CodecStream(live)
    found, whole = heard(stream, with_loss), heard(CodecStream(live), packets)
    # What takes their place is the codes of the frames before.
    repeated = [packets[{14: 13}.get(f, 7) if f in lost else f] for f in range(60)]
    plain = heard(CodecStream(live), repeated)
    # By hand: 60 ms from full to silent are 6 frames, so 1/6 for each; then one frame back to 1.
    frames, levels = [8, 12, 13, 14, 15, 16], [1, 1 - 4 / 6, 1, 1, 1 - 1 / 6, 1]
    level = np.interp(np.arange(1, 60 * HOP + 1) / HOP, frames, levels)
    assert plain.shape == found.shape
    np.testing.assert_allclose(found, plain * level, atol=1e-6)
    assert np.abs(found - whole)[:, 9 * HOP : 12 * HOP].max() > 0.01
    # As if nothing had been lost, once the decoder sees no lost frame, and not much earlier.
    recovered = lost[-1] + 1 + stream.recovery_frames
    assert stream.recovery_frames > 1 and recovered < 60 - 2
    np.testing.assert_array_equal(found[:, recovered * HOP :], whole[:, recovered * HOP :])
    before = found[:, : recovered * HOP] - whole[:, : recovered * HOP]
    assert np.abs(before[:, -HOP:]).max() > 0


def test_a_long_loss_is_silent_and_so_is_one_at_the_start(live, codec):
    packets = sent(CodecStream(live), [noise(30 * HOP)])
    found = heard(
        CodecStream(live), [packet if 5 <= f < 10 else None for f, packet in enumerate(packets)]
    )
    assert not found[:, : 5 * HOP].any() and found[:, 5 * HOP : 16 * HOP].any()
    assert not found[:, 16 * HOP :].any()


def test_another_concealment_hears_every_frame_and_chooses_codes_and_level(live, codec):
    class Halved:
        """Takes the first frame ever, at half the level."""

        def __init__(self):
            self.frames = []

        def received(self, codes):
            self.frames.append(codes)

        def lost(self):
            return Substitute(self.frames[0], 0.5)

    made = []

    def concealment():
        made.append(Halved())
        return made[-1]

    packets = sent(CodecStream(live), [noise(6 * HOP)])
    found = heard(CodecStream(live, concealment=concealment), [*packets[:4], None, packets[5]])
    level = np.interp(np.arange(1, 6 * HOP + 1) / HOP, [4, 5, 6], [1, 0.5, 1])
    expected = heard(CodecStream(live), [*packets[:4], packets[0], packets[5]]) * level
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert len(made[0].frames) == 5 and len(made) == 2  # a fresh one after the end


def test_streams_in_turns_and_afresh(live, codec):
    signals = [noise(6 * HOP, seed) for seed in (1, 2)]
    streams = [CodecStream(live) for _ in signals]
    for stream in streams:
        stream.send(noise(700, 3))
        stream.lose()
        stream.reset()
    for _ in range(2):  # the second time after an end
        heard_of = [[], []]
        for pieces in zip(*(blocks(signal, [100]) for signal in signals), strict=True):
            for stream, piece, found in zip(streams, pieces, heard_of, strict=True):
                found += [stream.receive(packet) for packet in stream.send(piece)]
        for stream, signal, found in zip(streams, signals, heard_of, strict=True):
            found += [stream.receive(packet) for packet in stream.end_sending()]
            audio = np.concatenate([*found, stream.end_receiving()], axis=1)
            padded = np.pad(signal, ((0, 0), (0, -signal.shape[1] % HOP)))
            np.testing.assert_allclose(audio, offline(codec, padded), atol=1e-6)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.ones((1, 240), np.int16), r"given int16 \[1, 240\]; allowed: float32; from_pcm16"),
        (np.ones((1, 240)), r"given float64 \[1, 240\]; allowed: float32"),
        (np.ones((240, 1), np.float32), r"given float32 \[240, 1\]; allowed: \[1, any\]"),
        (np.ones(240, np.float32), r"given float32 \[240\]; allowed: \[1, any\]"),
        (np.full((1, 240), np.nan, np.float32), "given a sample that is not finite"),
    ],
)
def test_unusable_audio_is_refused_and_leaves_the_stream_as_it_was(live, codec, audio, message):
    stream, good = CodecStream(live), noise(4 * HOP)
    packets = stream.send(good[:, :300])
    with pytest.raises(ValueError, match=message):
        stream.send(audio)
    packets += stream.send(good[:, 300:]) + stream.end_sending()
    assert packets == sent(CodecStream(live), [good])


def test_samples_of_16_bits_are_converted_explicitly():
    samples = np.array([[-32768, -1, 0, 1, 32767]], np.int16)
    audio = from_pcm16(samples)
    assert audio.dtype == np.float32
    assert audio.tolist() == [[-1.0, -1 / 32768, 0.0, 1 / 32768, 32767 / 32768]]
    np.testing.assert_array_equal(to_pcm16(audio), samples)
    assert to_pcm16(np.array([1.5, -1.5], np.float32)).tolist() == [32767, -32768]


def test_damaged_packets_are_refused_and_can_then_be_concealed(live, codec):
    packets = sent(CodecStream(live), [noise(6 * HOP)])
    stream = CodecStream(live)
    pieces = [stream.receive(packet) for packet in packets[:3]]
    with pytest.raises(InputError, match="packet: given 7 bytes; allowed: 2, 8 bytes"):
        stream.receive(packets[3][:7])
    damaged = b"\xff" * 8  # indices of 1023, of 600 values
    with pytest.raises(InputError, match=r"index 0: given index 1023: .*; allowed: 0 to 599"):
        stream.receive(damaged)
    pieces += [stream.lose(), *(stream.receive(packet) for packet in packets[4:])]
    expected = heard(CodecStream(live), [*packets[:3], None, *packets[4:]])
    np.testing.assert_array_equal(np.concatenate([*pieces, stream.end_receiving()], 1), expected)


def test_a_half_does_what_it_can(codec):
    transmit, receive = absorb(codec)
    sender, receiver = CodecStream(LiveCodec(transmit)), CodecStream(LiveCodec(receive))
    packets = sent(sender, [noise(4 * HOP)])
    both = CodecStream(LiveCodec(transmit, receive))
    np.testing.assert_array_equal(heard(receiver, packets), heard(both, packets))
    with pytest.raises(ValueError, match="the transmit side only: it cannot receive"):
        sender.receive(packets[0])
    with pytest.raises(ValueError, match="the receive side only: it cannot send"):
        receiver.send(noise(1))


def test_bits_that_fill_a_byte_up_are_no_frame(tmp_path):
    """A frame of 2 bits leaves room for three more in its byte."""
    path = tmp_path / "small.yaml"
    path.write_text(
        TINY.replace("layers: 6, codebook_size: 600", "layers: 1, codebook_size: 4").replace(
            "modes: [1, 6]", "modes: [1]"
        )
    )
    codec = filled_codec(load_design(str(path)).design, seed=1)
    live, audio = LiveCodec(codec), noise(5 * HOP)
    packets = sent(CodecStream(live), [audio])
    assert [len(packet) for packet in packets] == [1] * 5
    found = heard(CodecStream(live), packets)
    np.testing.assert_allclose(found, offline(codec, audio, 1), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": 2}, "given 2 layers; allowed, as modes of the design: 1, 6"),
        ({"frames_per_packet": 0}, "frames_per_packet: given 0; allowed: at least 1"),
    ],
)
def test_unusable_arguments_are_refused(live, arguments, message):
    with pytest.raises(ValueError, match=message):
        CodecStream(live, **arguments)


def test_callbacks_of_nothing_are_refused(live):
    with pytest.raises(ValueError, match="callbacks of 0 samples; allowed: at least 1"):
        CodecStream(live).delay(0)


def test_packets_that_cannot_be_told_apart_are_refused(tmp_path):
    """Two bits in one layer or four in two: one byte for a frame, but 1 or 2 for four frames."""
    path = tmp_path / "small.yaml"
    path.write_text(
        TINY.replace("layers: 6, codebook_size: 600", "layers: 2, codebook_size: 4").replace(
            "modes: [1, 6]", "modes: [1, 2]"
        )
    )
    live = LiveCodec(filled_codec(load_design(str(path)).design, seed=1))
    with pytest.raises(InputError, match="given 1, which gives two modes packets of equal length"):
        CodecStream(live)
    assert CodecStream(live, frames_per_packet=4).packet_bytes == 2
