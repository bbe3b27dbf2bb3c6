"""Equal frames, which run from a recording, against the layers' own steps one after another."""

from copy import deepcopy
from dataclasses import dataclass

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Receiver, Transmitter
from reference_models.nn.conv import add_weight_norm
from reference_models.nn.replay import FrameReplay
from reference_models.nn.streaming import Streaming, renewed, states_of
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import Reference

HOP = 240
FRAMES = 12
SETTLED = 8
"""Frames after which Track 1 runs from a recording: its look-ahead has come, and two more."""


@pytest.fixture(scope="module")
def design():
    return load_design("track1").design


@pytest.fixture
def codec(design):
    return filled_codec(design, seed=1)


def audio_of(frames, seed=2, batch=1):
    generator = torch.Generator().manual_seed(seed)
    return 0.3 * torch.randn(batch, 1, frames * HOP, generator=generator)


class Plain:
    """Both sides of a codec step by step, without a recording."""

    def __init__(self, codec, batch=1):
        self.codec = codec
        like = next(codec.parameters())
        self.sent = codec.encoder.initial_state(batch, like)
        self.received = codec.decoder.initial_state(batch, like)

    @torch.inference_mode()
    def push(self, frame):
        latent = self.codec.encoder.step(frame, self.sent)
        codes = self.codec.quantizer.encode(latent, 6)
        return codes, self.codec.decoder.step(self.codec.quantizer.decode(codes), self.received)


class Streams:
    def __init__(self, codec, batch=1):
        self.transmitter = Transmitter(codec, batch_size=batch)
        self.receiver = Receiver(codec, batch)

    def push(self, frame):
        codes = self.transmitter.push(frame)
        return codes, self.receiver.push(codes)


def check(streams, plain, audio):
    for frame in audio.split(HOP, 2):
        for given, expected in zip(streams.push(frame), plain.push(frame), strict=True):
            assert torch.equal(given, expected)


def calls_of(module):
    """A list that grows whenever ``module`` is called."""
    calls = []
    module.register_forward_hook(lambda *_: calls.append(1))
    return calls


def test_equal_frames_do_not_go_through_the_layers_again(codec):
    encoder = calls_of(codec.encoder.blocks[0].activation)
    decoder = calls_of(codec.decoder.output_activation)
    streams = Streams(codec)
    for frame in audio_of(SETTLED).split(HOP, 2):
        streams.push(frame)
    before = len(encoder), len(decoder)
    assert before[0] and before[1]
    for frame in audio_of(20).split(HOP, 2):
        streams.push(frame)
    assert (len(encoder), len(decoder)) == before


@pytest.mark.parametrize("batch", [1, 3])
def test_equal_frames_are_what_the_layers_make_of_them(codec, batch):
    check(Streams(codec, batch), Plain(codec, batch), audio_of(FRAMES, batch=batch))


def test_what_was_given_before_stays(codec):
    streams, given = Streams(codec), []
    for frame in audio_of(FRAMES).split(HOP, 2):
        given += streams.push(frame)
    copies = [tensor.clone() for tensor in given]
    for frame in audio_of(FRAMES, seed=3).split(HOP, 2):
        streams.push(frame)
    assert all(map(torch.equal, given, copies))


def test_streams_of_one_codec_do_not_touch_each_other(codec):
    pairs = [(Streams(codec), Plain(codec)) for _ in range(2)]
    both = audio_of(FRAMES).split(HOP, 2), audio_of(FRAMES, seed=3).split(HOP, 2)
    for first, second in zip(*both, strict=True):
        check(*pairs[0], first)
        check(*pairs[1], second)


def trained(codec):
    with torch.no_grad():
        for parameter in codec.parameters():
            parameter.mul_(0.9)
        for layer in codec.quantizer.layers:
            layer.search.embed.mul_(1.1)


def loaded(codec):
    other = filled_codec(codec.design, seed=5)
    codec.load_state_dict(other.state_dict())


def loaded_in_other_memory(codec):
    other = filled_codec(codec.design, seed=5)
    codec.load_state_dict(other.state_dict(), assign=True)


def swapped(codec):
    for parameter in codec.parameters():
        parameter.data = parameter.data * 0.9


def codebooks_swapped(codec):
    for layer in codec.quantizer.layers:
        layer.search.embed = layer.search.embed.flip(0)


@pytest.mark.parametrize(
    "change", [trained, loaded, loaded_in_other_memory, swapped, codebooks_swapped]
)
def test_weights_may_change_between_equal_frames(codec, change):
    streams, plain = Streams(codec), Plain(codec)
    check(streams, plain, audio_of(SETTLED))
    same = deepcopy(plain)
    change(codec)
    audio = audio_of(FRAMES, seed=4)
    check(streams, plain, audio)
    codes = [same.push(frame)[0] for frame in audio.split(HOP, 2)]
    assert not torch.equal(codes[0], plain.push(audio[:, :, :HOP])[0])


def test_weights_that_are_split_to_train_run_from_a_recording_too(design):
    codec = filled_codec(design, seed=1)
    add_weight_norm(codec)
    streams, plain = Streams(codec), Plain(codec)
    check(streams, plain, audio_of(SETTLED))
    with torch.no_grad():
        codec.encoder.input.parametrizations.weight.original0.mul_(0.5)
    check(streams, plain, audio_of(4, seed=4))


def test_a_codec_made_in_inference_mode_runs_from_a_recording_too(design):
    with torch.inference_mode():
        codec = filled_codec(design, seed=1)
    check(Streams(codec), Plain(codec), audio_of(FRAMES))


def test_an_empty_push_between_equal_frames_changes_nothing(codec):
    streams, plain = Streams(codec), Plain(codec)
    for frame in audio_of(FRAMES).split(HOP, 2):
        check(streams, plain, frame)
        codes, audio = streams.push(frame[:, :, :0])
        assert codes.shape == (6, 1, 0) and audio.shape == (1, 1, 0)


def test_an_empty_push_leaves_the_recording(codec):
    called = calls_of(codec.encoder.blocks[0].activation)
    streams = Streams(codec)
    for frame in audio_of(SETTLED).split(HOP, 2):
        streams.push(frame)
    for frame in audio_of(4).split(HOP, 2):
        streams.push(frame[:, :, :0])
        before = len(called)
        streams.push(frame)
        assert len(called) == before


class Delay(Streaming):
    """Gives what came last time: from its state alone."""

    def initial_state(self, batch_size, like):
        return Past(like.new_zeros(batch_size, 1, 2))

    def step(self, x, state, last=False):
        y = state.value * 2
        state.value = renewed(state.value, x)
        return y


@dataclass
class Past:
    value: torch.Tensor


@torch.inference_mode()
def test_what_is_made_of_the_state_alone_is_made_anew():
    layer = Delay()
    state = states_of([layer], 1, torch.zeros(1))
    frames = FrameReplay(state, [layer], longest=2)
    given = [
        frames.run(lambda x: state.step(x, last=False), torch.full((1, 1, 2), n))
        for n in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    ]
    assert [y.unique().tolist() for y in given] == [[0], [2], [4], [6], [8], [10]]


def test_both_forms_give_equal_frames_alike(codec):
    halves, audio = absorb(codec), audio_of(FRAMES)
    transmitter, receiver = Transmitter(halves.transmit), Receiver(halves.receive)
    pieces = [*map(transmitter.push, audio.split(HOP, 2)), transmitter.flush()]
    codes = torch.cat(pieces, 2)
    decoded = torch.cat([*map(receiver.push, pieces), receiver.flush()], 2)
    reference = Reference(codec)
    reference.check_codes(codes, codec.encode(audio), audio)
    reference.check_audio(decoded, codes)


def test_a_frame_of_another_size_is_refused_as_at_first(codec):
    streams = Streams(codec)
    for frame in audio_of(SETTLED).split(HOP, 2):
        streams.push(frame)
    with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
        streams.transmitter.push(torch.zeros(2, 1, HOP))


def test_a_frame_of_another_type_is_refused_as_at_first(codec):
    frame = torch.zeros(1, 1, HOP, dtype=torch.float64)
    with pytest.raises(RuntimeError, match="same dtype") as at_first:
        Transmitter(codec).push(frame)
    streams = Streams(codec)
    for usual in audio_of(SETTLED).split(HOP, 2):
        streams.push(usual)
    with pytest.raises(RuntimeError, match="same dtype") as later:
        streams.transmitter.push(frame)
    assert str(later.value) == str(at_first.value)
