"""Ten minutes of audio through the baselines, on one thread: memory, size and time.

Run with ``pytest tests/benchmarks/test_ten_minutes.py -s`` to see the figures.
"""

import pytest

from tests.reference_models.cli.conftest import random_codec, write_audio
from tests.reference_models.cli.measuring import measured

SECONDS = 600
MAX_GROWTH_BYTES = 400e6


@pytest.mark.parametrize("track", ["track1", "track2"])
@pytest.mark.parametrize(("kbps", "payload_bytes"), [(1, 75_000), (6, 450_000)])
def test_ten_minutes(tmp_path, track, kbps, payload_bytes):
    weights, coded = tmp_path / "weights.safetensors", tmp_path / "coded.lrac"
    random_codec(track, weights)
    audio = write_audio(tmp_path / "audio.wav", SECONDS * 24_000)
    options = ("--bitrate", kbps, "--threads", 1)
    encode = measured(weights, "encode", audio, coded, *options)
    decode = measured(weights, "decode", coded, tmp_path / "out.wav", *options)
    for name, run in (("encode", encode), ("decode", decode)):
        figures = f"{run.grown_bytes / 1e6:.0f} MB, real-time factor {run.seconds / SECONDS:.3f}"
        print(f"{track} {kbps} kbps {name}: {figures}")  # noqa: T201
        assert 0 < run.grown_bytes < MAX_GROWTH_BYTES
    assert coded.stat().st_size == 44 + payload_bytes
