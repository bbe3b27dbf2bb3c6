"""Frames of one length, as a device pushes them: streams beside each other, and what may change."""

from copy import deepcopy

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Receiver, Transmitter
from reference_models.nn.conv import add_weight_norm
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import Reference

HOP = 240
FRAMES = 12


@pytest.fixture(scope="module")
def design():
    return load_design("track1").design


@pytest.fixture
def codec(design):
    return filled_codec(design, seed=1)


def audio_of(frames, seed=2, batch=1):
    generator = torch.Generator().manual_seed(seed)
    return 0.3 * torch.randn(batch, 1, frames * HOP, generator=generator)


class Streams:
    """Both sides of a codec."""

    def __init__(self, codec, batch=1):
        self.transmitter = Transmitter(codec, batch_size=batch)
        self.receiver = Receiver(codec, batch)

    def push(self, frame):
        codes = self.transmitter.push(frame)
        return codes, self.receiver.push(codes)

    def push_all(self, audio):
        return [each for frame in audio.split(HOP, 2) for each in self.push(frame)]


def assert_same(given, expected):
    assert len(given) == len(expected)
    assert any(each.numel() for each in expected)
    assert all(map(torch.equal, given, expected))


def test_a_hook_on_a_layer_is_called_for_each_frame(codec):
    calls = []
    codec.encoder.blocks[0].activation.register_forward_hook(lambda *_: calls.append("sent"))
    codec.decoder.output_activation.register_forward_hook(lambda *_: calls.append("received"))
    streams = Streams(codec)
    streams.push_all(audio_of(FRAMES))  # until the look-ahead has come
    calls.clear()
    streams.push_all(audio_of(FRAMES))
    assert calls == ["sent", "received"] * FRAMES


def test_what_was_given_before_stays(codec):
    streams = Streams(codec)
    given = streams.push_all(audio_of(FRAMES))
    copies = [tensor.clone() for tensor in given]
    streams.push_all(audio_of(FRAMES, seed=3))
    assert_same(given, copies)


def test_streams_of_one_codec_do_not_touch_each_other(codec):
    first, second = audio_of(FRAMES), audio_of(FRAMES, seed=3)
    alone = Streams(codec).push_all(first)
    one, other = Streams(codec), Streams(codec)
    given = []
    for frame, between in zip(first.split(HOP, 2), second.split(HOP, 2), strict=True):
        given += one.push(frame)
        other.push(between)
    assert_same(given, alone)


def trained(codec):
    with torch.no_grad():
        for parameter in codec.parameters():
            parameter.mul_(0.9)
        for layer in codec.quantizer.layers:
            layer.search.embed.mul_(1.1)


def loaded(codec):
    codec.load_state_dict(filled_codec(codec.design, seed=5).state_dict())


def loaded_in_other_memory(codec):
    codec.load_state_dict(filled_codec(codec.design, seed=5).state_dict(), assign=True)


def swapped(codec):
    for parameter in codec.parameters():
        parameter.data = parameter.data * 0.9


def codebooks_swapped(codec):
    for layer in codec.quantizer.layers:
        layer.search.embed = layer.search.embed.flip(0)


@pytest.mark.parametrize(
    "change", [trained, loaded, loaded_in_other_memory, swapped, codebooks_swapped]
)
def test_weights_may_change_between_frames(codec, design, change):
    """Later frames are those of a codec that has the new weights from its first frame on."""
    streams = Streams(codec)
    streams.push_all(audio_of(FRAMES))
    unchanged = deepcopy(streams)
    changed = filled_codec(design, seed=1)
    change(changed)
    other_modules = zip(map(id, codec.modules()), changed.modules(), strict=True)
    expected = deepcopy(streams, dict(other_modules))  # the same states
    change(codec)
    audio = audio_of(FRAMES, seed=4)
    given = streams.push_all(audio)
    assert_same(given, expected.push_all(audio))
    assert not torch.equal(given[0], unchanged.push_all(audio)[0])


def test_weights_that_are_split_to_train_give_what_folded_ones_give(codec, design):
    split = filled_codec(design, seed=1)
    add_weight_norm(split)
    audio = audio_of(FRAMES)
    transmitter = Transmitter(split)
    codes = torch.cat([*map(transmitter.push, audio.split(HOP, 2)), transmitter.flush()], 2)
    reference = Reference(codec)
    reference.check_codes(codes, codec.encode(audio), audio)
    receiver = Receiver(split)
    decoded = torch.cat([*map(receiver.push, codes.split(1, 2)), receiver.flush()], 2)
    reference.check_audio(decoded, codes)


def test_a_codec_made_in_inference_mode_gives_the_same(codec, design):
    with torch.inference_mode():
        made = filled_codec(design, seed=1)
    assert_same(Streams(made).push_all(audio_of(FRAMES)), Streams(codec).push_all(audio_of(FRAMES)))


def test_an_empty_push_between_frames_changes_nothing(codec):
    streams, audio = Streams(codec), audio_of(FRAMES)
    given = []
    for frame in audio.split(HOP, 2):
        given += streams.push(frame)
        codes, nothing = streams.push(frame[:, :, :0])
        assert codes.shape == (6, 1, 0) and nothing.shape == (1, 1, 0)
    assert_same(given, Streams(codec).push_all(audio))


def test_both_forms_give_frames_alike(codec):
    halves, audio = absorb(codec), audio_of(FRAMES)
    transmitter, receiver = Transmitter(halves.transmit), Receiver(halves.receive)
    pieces = [*map(transmitter.push, audio.split(HOP, 2)), transmitter.flush()]
    codes = torch.cat(pieces, 2)
    decoded = torch.cat([*map(receiver.push, pieces), receiver.flush()], 2)
    reference = Reference(codec)
    reference.check_codes(codes, codec.encode(audio), audio)
    reference.check_audio(decoded, codes)


@pytest.mark.parametrize("settled", [0, FRAMES])
def test_a_frame_of_another_size_or_type_is_refused(codec, settled):
    transmitter = Transmitter(codec)
    for frame in audio_of(FRAMES).split(HOP, 2)[:settled]:
        transmitter.push(frame)
    with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
        transmitter.push(torch.zeros(2, 1, HOP))
    with pytest.raises(RuntimeError, match="same dtype"):
        transmitter.push(torch.zeros(1, 1, HOP, dtype=torch.float64))
