"""Ten minutes of audio through the baselines, on one thread: memory, size and time.

Run with ``pytest tests/benchmarks/test_ten_minutes.py -s`` to see the figures.
"""

import pytest

from tests.reference_models.cli.conftest import random_codec, write_audio
from tests.reference_models.cli.measuring import measured

SECONDS = 600
MAX_GROWTH_BYTES = 400e6
MOST_TIMES_PER_SECOND = 2
"""Time for a second of the long file over that for a second of a tenth of it."""


def there_and_back(weights, audio, kbps):
    """Code ``audio`` and decode that, each in a process of its own."""
    coded, decoded = audio.with_suffix(".lrac"), audio.with_suffix(".decoded.wav")
    options = ("--bitrate", kbps, "--threads", 1)
    return {
        "encode": measured(weights, "encode", audio, coded, *options),
        "decode": measured(weights, "decode", coded, decoded, *options),
    }


@pytest.mark.parametrize("track", ["track1", "track2"])
@pytest.mark.parametrize(("kbps", "payload_bytes"), [(1, 75_000), (6, 450_000)])
def test_ten_minutes(tmp_path, track, kbps, payload_bytes):
    weights = tmp_path / "weights.safetensors"
    random_codec(track, weights)
    audio = write_audio(tmp_path / "audio.wav", SECONDS * 24_000)
    long = there_and_back(weights, audio, kbps)
    assert audio.with_suffix(".lrac").stat().st_size == 44 + payload_bytes
    short = there_and_back(weights, write_audio(tmp_path / "short.wav", SECONDS * 2400), kbps)
    for name, run in long.items():
        figures = f"{run.grown_bytes / 1e6:.0f} MB, real-time factor {run.seconds / SECONDS:.3f}"
        ratio = run.seconds / short[name].seconds / 10
        print(f"{track} {kbps} kbps {name}: {figures}, {ratio:.2f} of a minute's")  # noqa: T201
        assert 0 < run.grown_bytes < MAX_GROWTH_BYTES
        assert ratio < MOST_TIMES_PER_SECOND
