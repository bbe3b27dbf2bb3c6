"""WAV files byte by byte, and none at all when something fails."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from lrac_audit.errors import InputError
from reference_models.audio.writing import write_wav


def blocks(values, size=3):
    values = np.asarray([values], dtype=np.float32)
    return (values[:, i : i + size] for i in range(0, values.shape[1], size))


def test_samples_are_rounded_and_clipped(tmp_path):
    values = [0, 1 / 32768, 0.4 / 32768, 0.6 / 32768, -1, 1, 7, -7]
    write_wav(tmp_path / "a b.wav", blocks(values), 24000, 1, 8)
    got, rate = soundfile.read(tmp_path / "a b.wav", dtype="int16")
    assert rate == 24000
    assert got.tolist() == [0, 1, 0, 1, -32768, 32767, 32767, -32768]
    content = (tmp_path / "a b.wav").read_bytes()
    assert content[:4] == b"RIFF" and len(content) == 44 + 16


def test_channels_are_interleaved(tmp_path):
    write_wav(tmp_path / "a.wav", [np.array([[0.5, 0.25], [-0.5, 0]], np.float32)], 16000, 2, 2)
    got, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert got.tolist() == [[16384, -16384], [8192, 0]]


def failing():
    yield np.zeros((1, 1000), np.float32)
    raise KeyboardInterrupt


def test_an_interruption_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_wav(tmp_path / "a.wav", failing(), 24000, 1, 10_000)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"old"


def test_output_that_is_not_finite_is_refused(tmp_path):
    with pytest.raises(InputError, match="NaN or infinity"):
        write_wav(tmp_path / "a.wav", blocks([0, np.nan]), 24000, 1, 2)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="No such file or directory"):
        write_wav(tmp_path / "none" / "a.wav", blocks([0]), 24000, 1, 1)


def test_a_full_disk_is_named():
    with pytest.raises(InputError, match=r"/dev/full.*No space left"):
        write_wav(Path("/dev/full"), blocks(np.zeros(100_000)), 24000, 1, 100_000)
