"""A stream against the whole clip, for both tracks; and when the first answer comes."""

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.ledger import walk
from lrac_audit.ledger.memory import memory
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Receiver, Transmitter
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import Reference
from tests.sweeps import slow_in_sweep

SAMPLES = 721
HOP = 240


@pytest.fixture(scope="module", params=["track1", "track2"])
def track(request):
    return request.param


@pytest.fixture(scope="module", params=[torch.float64, torch.float32], ids=["float64", "float32"])
def codec(request, track):
    return filled_codec(load_design(track).design, seed=1, dtype=request.param)


@pytest.fixture(scope="module")
def reference(codec):
    return Reference(codec)


@pytest.fixture(scope="module", params=["projected", "absorbed"])
def sides(request, codec):
    return (codec, codec) if request.param == "projected" else absorb(codec)


def noise(samples, dtype, batch=1):
    generator = torch.Generator().manual_seed(2)
    return 0.3 * torch.randn(batch, 1, samples, generator=generator, dtype=torch.float64).to(dtype)


def in_pieces(stream, x, size):
    return torch.cat([*(stream.push(piece) for piece in x.split(size, 2)), stream.flush()], 2)


@pytest.mark.parametrize(
    ("chunk", "layers"),
    slow_in_sweep(
        [(1, 6), (7, 1), (7, 6), (240, 6), (241, 1), (241, 6), (5000, 1)],
        *[(1, 6), (7, 1), (240, 6), (241, 6), (5000, 1)],
    ),
)
def test_a_stream_gives_the_codes_and_the_audio_of_the_whole_clip(sides, reference, chunk, layers):
    transmit, receive = sides
    audio = noise(SAMPLES, next(transmit.parameters()).dtype)
    codes = transmit.encode(audio, layers)
    assert codes.shape == (layers, 1, 4)
    reference.check_codes(in_pieces(Transmitter(transmit, layers), audio, chunk), codes, audio)
    decoded = receive.decode(codes)
    streamed = in_pieces(Receiver(receive), codes, max(chunk // HOP, 1))
    assert decoded.shape == streamed.shape == (1, 1, 4 * HOP)
    assert decoded.std() > 0.05
    for found in (decoded, streamed):
        reference.check_audio(found, codes)


def test_streams_of_a_batch_do_not_touch_each_other(codec, reference):
    audio = noise(SAMPLES, next(codec.parameters()).dtype, batch=3)
    together = in_pieces(Transmitter(codec, 6, batch_size=3), audio, 241)
    for i in range(3):
        alone = audio[i : i + 1]
        reference.check_codes(together[:, i : i + 1], codec.encode(alone), alone)
    decoded = in_pieces(Receiver(codec, batch_size=3), together, 2)
    reference.check_audio(decoded[1:2], together[:, 1:2])


LENGTHS = [*7 * [240], 7, *5 * [240], 473, *5 * [480], 1, 1, 1, *5 * [240], 237]


def in_lengths(stream, x, lengths):
    assert sum(lengths) == x.shape[2]
    pieces = [stream.push(piece) for piece in x.split(lengths, 2)]
    return torch.cat([*pieces, stream.flush()], 2)


def test_a_stream_may_change_its_stride_at_any_time(sides, reference):
    """Equal chunks share their memory, so a chunk of another length comes between them."""
    transmit, receive = sides
    audio = noise(sum(LENGTHS), next(transmit.parameters()).dtype, batch=2)
    codes = in_lengths(Transmitter(transmit, 6, batch_size=2), audio, LENGTHS)
    assert codes.shape == (6, 2, 30)
    reference.check_codes(codes, transmit.encode(audio), audio)
    streamed = in_lengths(
        Receiver(receive, batch_size=2), codes, [*7 * [1], *4 * [2], *5 * [1], 5, 5]
    )
    reference.check_audio(streamed, codes)


@pytest.mark.parametrize("end", ["flush", "reset"])
def test_after_its_end_a_stream_starts_anew(codec, reference, end):
    audio = noise(SAMPLES, next(codec.parameters()).dtype)
    transmitter, receiver = Transmitter(codec, 6), Receiver(codec)
    first = transmitter.push(audio.flip(2))
    receiver.push(first)
    for stream in (transmitter, receiver):
        getattr(stream, end)()
    codes = in_pieces(transmitter, audio, 240)
    reference.check_codes(codes, codec.encode(audio), audio)
    reference.check_audio(in_pieces(receiver, codes, 1), codes)


def test_an_empty_clip_gives_nothing(codec):
    nothing = noise(0, next(codec.parameters()).dtype)
    codes = codec.encode(nothing)
    assert codes.shape == (6, 1, 0)
    assert codec.decode(codes).shape == (1, 1, 0)
    assert Transmitter(codec).flush().shape == (6, 1, 0)
    assert Receiver(codec).flush().shape == (1, 1, 0)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (240, 1), (241, 2), (7201, 31)])
def test_a_begun_hop_is_a_frame(codec, samples, frames):
    assert codec.encode(noise(samples, next(codec.parameters()).dtype)).shape == (6, 1, frames)


def test_a_number_of_layers_that_is_not_there_is_refused(codec):
    with pytest.raises(ValueError, match="given 7 active layers; allowed: 1 to 6"):
        Transmitter(codec, 7)


STEPS = 1300
DELAYS = {"track1": (240, 240, 720), "track2": (480, 480, 1200)}


def test_first_response_comes_after_the_delay_that_the_audit_states(track):
    """Frame f after input 240 (f + 1) - 1 + E; output t after latent frame (t + A) // 240."""
    codec = filled_codec(load_design(track).design, seed=1)
    encoder_ahead, decoder_ahead, total = DELAYS[track]
    transmitter, receiver = Transmitter(codec), Receiver(codec)
    frames_at, samples_at = [], []
    frames = samples = 0
    for _ in range(STEPS):
        codes = transmitter.push(torch.zeros(1, 1, 1))
        audio = receiver.push(codes)
        frames, samples = frames + codes.shape[2], samples + audio.shape[2]
        frames_at.append(frames)
        samples_at.append(samples)
    pushed = range(1, STEPS + 1)
    assert frames_at == [max(n - encoder_ahead, 0) // HOP for n in pushed]
    assert samples_at == [max(n * HOP - decoder_ahead, 0) for n in frames_at]
    assert samples_at.index(HOP) + 1 == total


STATE = {"track1": (23_870, 16_160), "track2": (69_686, 23_504)}


def test_what_a_stream_keeps_at_a_whole_hop_is_what_the_ledger_states(track):
    codec = filled_codec(load_design(track).design, seed=1)
    ledger = walk(codec.design, "projected", 6)
    transmitter, receiver = Transmitter(codec), Receiver(codec)
    for piece in noise(20 * HOP, torch.float32).split(HOP, 2):
        receiver.push(transmitter.push(piece))
    for stream, side, values in zip(
        (transmitter, receiver), ("transmit", "receive"), STATE[track], strict=True
    ):
        stated, kept = memory(ledger, side), stream.footprint()
        assert kept.state_values == stated.state_values == values
        assert kept.held_values == stated.held_values
        assert kept.waiting_values == 0
        assert kept.size_bytes == stated.state_bytes + stated.held_bytes


def test_what_a_stream_keeps_does_not_grow_with_the_pieces(track):
    codec = filled_codec(load_design(track).design, seed=1)
    transmitter = Transmitter(codec)
    transmitter.push(noise(100 * HOP, torch.float32))
    tensors = [state.past for state in _windows(transmitter._state)]
    assert len(tensors) > 20
    assert all(t.untyped_storage().nbytes() == t.numel() * 4 for t in tensors)


def _windows(state):
    for _, part in state:
        if hasattr(part, "past"):
            yield part
        elif part is not None:
            yield from _windows(getattr(part, "branch", part))


def test_audio_of_integers_is_refused(sides):
    with pytest.raises(ValueError, match=r"given audio of torch\.int16; allowed: floats"):
        Transmitter(sides[0]).push(torch.ones(1, 1, HOP, dtype=torch.int16))
