"""How fast the reference codecs run on one thread.

Run with ``pytest tests/benchmarks/test_nn_speed.py -s``; the median and spread of every figure are
printed.
"""

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Receiver, Transmitter
from tests.benchmarks.recipe_model import recipe_model
from tests.benchmarks.timing import ratio_of, work
from tests.reference_models.nn.filling import filled_codec

HOP, RATE = 240, 24_000
FRAMES = 500
WARM_UP_FRAMES = 50
MAX_FRAME_S = {"track1": 5e-3, "track2": 7e-3}
"""Processor time, of the 10 ms that a frame lasts."""
MAX_ENCODE_RTF = {"track1": 0.05}
SOME_FRAMES = 200
MOST_OFFLINE_FRAMES = 15
CLIP_SECONDS = 10
MOST_OF_THE_RECIPES_TIME = 1.0
"""The claim itself: a whole clip takes no longer than through the recipe's own model."""
MOST_SHORT_CLIPS = 1.5
MOST_TIES = 1e-3


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(params=["track1", "track2"])
def track(request):
    return request.param


@pytest.fixture(params=["projected", "absorbed"])
def sides(request, track):
    codec = filled_codec(load_design(track).design, seed=1)
    return (codec, codec) if request.param == "projected" else absorb(codec)


def test_a_frame_through_both_sides(track, sides):
    transmitter, receiver = Transmitter(sides[0]), Receiver(sides[1])
    frame = 0.1 * torch.randn(1, 1, HOP)
    push = work(lambda: receiver.push(transmitter.push(frame)))
    for _ in range(WARM_UP_FRAMES):
        push()
    times_s = sorted(push() for _ in range(FRAMES))
    median_s, late_s = times_s[FRAMES // 2], times_s[int(0.99 * FRAMES)]
    print(f"\n{track}: median {1e3 * median_s:.2f} ms, p99 {1e3 * late_s:.2f} ms")  # noqa: T201
    assert median_s <= MAX_FRAME_S[track]


@pytest.mark.parametrize("side", ["transmit", "receive"])
def test_frames_of_a_stream_beside_the_whole_clip(sides, side):
    """A frame at a time is the same arithmetic in many small pieces."""
    audio = 0.1 * torch.randn(1, 1, SOME_FRAMES * HOP)
    codes = sides[0].encode(audio)
    whole, stream, pieces = {
        "transmit": (work(sides[0].encode, audio), Transmitter(sides[0]), audio.split(HOP, 2)),
        "receive": (work(sides[1].decode, codes), Receiver(sides[1]), codes.split(1, 2)),
    }[side]
    assert len(pieces) == SOME_FRAMES

    def push():
        for piece in pieces:
            stream.push(piece)

    assert ratio_of(work(push), whole) < MOST_OFFLINE_FRAMES


@pytest.mark.parametrize("side", ["transmit", "receive"])
def test_a_whole_clip_beside_the_recipes_own_model(track, side):
    """Both in the form that is trained, which is the only one that the recipe has."""
    codec = filled_codec(load_design(track).design, seed=1)
    recipe, audio = recipe_model(codec), 0.1 * torch.randn(1, 1, CLIP_SECONDS * RATE)
    codes = codec.encode(audio)
    assert (recipe.encode(audio) != codes).float().mean() < MOST_TIES
    assert torch.allclose(recipe.decode(codes), codec.decode(codes), rtol=0, atol=1e-5)
    ours, theirs = {
        "transmit": (work(codec.encode, audio), work(recipe.encode, audio)),
        "receive": (work(codec.decode, codes), work(recipe.decode, codes)),
    }[side]
    assert ratio_of(ours, theirs) <= MOST_OF_THE_RECIPES_TIME


def test_a_long_clip_takes_no_longer_per_second(sides):
    audio = 0.1 * torch.randn(1, 1, 60 * RATE)
    shorter = work(sides[0].encode, audio[:, :, : 6 * RATE], times=10)
    assert ratio_of(work(sides[0].encode, audio), shorter, rounds=3) / 10 < MOST_SHORT_CLIPS


@pytest.mark.parametrize("seconds", [60])
def test_encoding_a_minute(benchmark, track, sides, seconds):
    audio = 0.1 * torch.randn(1, 1, seconds * RATE)
    codes = benchmark.pedantic(sides[0].encode, args=(audio,), rounds=3, warmup_rounds=1)
    assert codes.shape == (6, 1, 100 * seconds)
    rtf = benchmark.stats.stats.median / seconds
    benchmark.extra_info["real_time_factor"] = rtf
    if track in MAX_ENCODE_RTF:
        assert rtf <= MAX_ENCODE_RTF[track]
