"""Audio files that are read whole, and those that must be refused with a reason."""

import os
import struct

import numpy as np
import pytest
import soundfile

from lrac_audit.errors import InputError
from reference_models.audio.reading import BLOCK_SAMPLES, open_audio


def noise(samples, channels=1):
    values = np.random.default_rng(0).integers(-32768, 32768, (samples, channels))
    return (values / 32768).astype(np.float32)


def written(path, samples, rate=24000, subtype="PCM_16"):
    soundfile.write(path, samples, rate, subtype)
    return path


def read(path):
    return np.concatenate(list(open_audio(path).blocks()), axis=1)


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_sample_comes_back(tmp_path, suffix, channels):
    sent = noise(2 * BLOCK_SAMPLES + 17, channels)
    path = written(tmp_path / f"a file.{suffix}", sent, 48000)
    audio = open_audio(path)
    assert (audio.rate_hz, audio.channels, audio.samples) == (48000, channels, len(sent))
    assert np.array_equal(read(path), sent.T)
    assert max(block.shape[1] for block in audio.blocks()) == BLOCK_SAMPLES


def test_an_odd_chunk_before_the_data_is_skipped(tmp_path):
    content = written(tmp_path / "a.wav", noise(100)).read_bytes()
    odd_chunk = b"note" + struct.pack("<I", 3) + b"abc\0"
    (tmp_path / "b.wav").write_bytes(content[:12] + odd_chunk + content[12:])
    assert np.array_equal(read(tmp_path / "b.wav"), noise(100).T)
    (tmp_path / "c.wav").write_bytes((content[:12] + odd_chunk + content[12:])[:-2])
    with pytest.raises(InputError, match="198 of 200 bytes of samples: the file is cut off"):
        open_audio(tmp_path / "c.wav")


def test_a_size_that_the_writer_did_not_know_is_accepted(tmp_path):
    content = bytearray(written(tmp_path / "a.wav", noise(100)).read_bytes())
    content[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(content)
    assert read(tmp_path / "a.wav").shape == (1, 100)


@pytest.mark.parametrize(("value", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_the_first_sample_that_is_not_finite_is_named(tmp_path, value, shown):
    samples = noise(2 * BLOCK_SAMPLES, 2)
    samples[BLOCK_SAMPLES + 5, 1] = samples[BLOCK_SAMPLES + 9, 0] = value
    path = written(tmp_path / "a.wav", samples, subtype="FLOAT")
    where = f"sample {BLOCK_SAMPLES + 5} \\(1.366 s\\), channel 2: given {shown}; allowed: finite"
    with pytest.raises(InputError, match=where):
        read(path)


@pytest.mark.parametrize(
    ("rate", "channels", "samples", "message"),
    [
        (1, 1, 100, "sample rate: given 1 Hz; allowed: 4000 to 768000 Hz"),
        (1_000_000, 1, 100, "sample rate: given 1000000 Hz"),
        (24000, 8, 100, "channels: given 8; allowed: 1 to 6"),
        (24000, 1, 0, "length: given no samples; allowed: at least one sample"),
    ],
)
def test_absurd_files_are_refused(tmp_path, rate, channels, samples, message):
    path = written(tmp_path / "a.wav", noise(samples, channels), rate)
    with pytest.raises(InputError, match=message):
        open_audio(path)


def test_all_that_is_wrong_comes_at_once(tmp_path):
    with pytest.raises(InputError) as error:
        open_audio(written(tmp_path / "a.wav", noise(0, 9), 1))
    assert len(error.value.problems) == 3


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no audio at all\n" * 100])
def test_what_is_no_audio_is_refused(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(InputError, match=r"cannot read .*; allowed: a WAV or FLAC file"):
        open_audio(tmp_path / "a.wav")


def test_other_formats_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.aiff", noise(100), 24000)
    with pytest.raises(InputError, match="the format AIFF; allowed: a WAV or FLAC file"):
        open_audio(tmp_path / "a.aiff")


def test_a_cut_wav_is_refused(tmp_path):
    path = written(tmp_path / "a.wav", noise(1000))
    os.truncate(path, 44 + 1000)
    with pytest.raises(InputError, match="1000 of 2000 bytes of samples: the file is cut off"):
        open_audio(path)


def test_a_cut_flac_is_refused(tmp_path):
    path = written(tmp_path / "a.flac", noise(100_000))
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(InputError, match=r"cannot read|cut off"):
        read(path)


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("pipe", "a device or a pipe"), (".", "a folder"), ("none", "No such")):
        with pytest.raises(InputError, match=message):
            open_audio(tmp_path / name)
