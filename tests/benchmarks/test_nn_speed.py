"""How fast the reference codecs run on one thread.

Run with ``pytest tests/benchmarks/test_nn_speed.py``; the mean and spread of every figure are in
the table that pytest-benchmark prints.
"""

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.codec import Receiver, Transmitter
from tests.reference_models.nn.filling import filled_codec

HOP, RATE = 240, 24_000
FRAMES = 500
MAX_FRAME_S = {"track1": 3e-3}
MAX_ENCODE_RTF = {"track1": 0.05}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(params=["track1", "track2"])
def track(request):
    return request.param


@pytest.fixture(params=["projected", "absorbed"])
def sides(request, track):
    codec = filled_codec(load_design(track).design, seed=1)
    return (codec, codec) if request.param == "projected" else absorb(codec)


def test_a_frame_through_both_sides(benchmark, track, sides):
    transmitter, receiver = Transmitter(sides[0]), Receiver(sides[1])
    frame = 0.1 * torch.randn(1, 1, HOP)
    benchmark.pedantic(
        lambda: receiver.push(transmitter.push(frame)), rounds=FRAMES, warmup_rounds=50
    )
    if track in MAX_FRAME_S:
        assert benchmark.stats.stats.median <= MAX_FRAME_S[track]


@pytest.mark.parametrize("side", ["transmit", "receive"])
def test_a_frame_through_one_side(benchmark, sides, side):
    transmitter, receiver = Transmitter(sides[0]), Receiver(sides[1])
    frame = 0.1 * torch.randn(1, 1, HOP)
    codes = sides[0].encode(frame)
    run = {"transmit": lambda: transmitter.push(frame), "receive": lambda: receiver.push(codes)}
    benchmark.pedantic(run[side], rounds=FRAMES, warmup_rounds=50)
    assert benchmark.stats.stats.median < 1


@pytest.mark.parametrize("seconds", [60])
def test_encoding_a_minute(benchmark, track, sides, seconds):
    audio = 0.1 * torch.randn(1, 1, seconds * RATE)
    codes = benchmark.pedantic(sides[0].encode, args=(audio,), rounds=3, warmup_rounds=1)
    assert codes.shape == (6, 1, 100 * seconds)
    rtf = benchmark.stats.stats.median / seconds
    benchmark.extra_info["real_time_factor"] = rtf
    if track in MAX_ENCODE_RTF:
        assert rtf <= MAX_ENCODE_RTF[track]
