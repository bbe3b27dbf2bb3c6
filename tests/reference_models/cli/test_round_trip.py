"""Encode and decode: sizes and lengths by arithmetic, modes, sides, bits on the wire."""

import re

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file

from reference_models.nn.weights import load_codec
from tests.reference_models.cli.conftest import Codec, write_audio
from tests.tensors import assert_equal_tensors, unequal_tensors

HEADER_BYTES = 44


def encoded(run, audio, out, codec, *options):
    result = run("encode", audio, out, "--weights", codec.weights, *options)
    assert (result.code, result.err) == (0, "")
    return out.read_bytes()


def decoded(run, coded, out, weights, *options):
    result = run("decode", coded, out, "--weights", weights, *options)
    assert (result.code, result.err) == (0, "")
    samples, rate = soundfile.read(out, dtype="int16")
    assert rate == 24000
    return samples


@pytest.mark.parametrize(("bitrate", "payload_bytes"), [(1, 65), (6, 390)])
def test_sizes_and_lengths(run, tiny, speech, tmp_path, bitrate, payload_bytes):
    # 12,345 samples are 52 frames of 10 ms: 52 x 10 x layers bits.
    coded = encoded(run, speech, tmp_path / "a b.lrac", tiny, "--bitrate", bitrate)
    assert len(coded) == HEADER_BYTES + payload_bytes
    samples = decoded(run, tmp_path / "a b.lrac", tmp_path / "a b.wav", tiny.weights)
    assert samples.shape == (12_345,)


def test_the_highest_mode_is_the_default(run, tiny, speech, tmp_path):
    default = encoded(run, speech, tmp_path / "a.lrac", tiny, "--design", tiny.design)
    assert default == encoded(run, speech, tmp_path / "b.lrac", tiny, "--bitrate", 6)


@pytest.mark.parametrize("name", ["tiny", "track1"])
def test_6_kbps_decoded_at_1_is_1_kbps(run, request, speech, tmp_path, name):
    codec = request.getfixturevalue(name)
    one = encoded(run, speech, tmp_path / "1.lrac", codec, "--bitrate", 1)
    six = encoded(run, speech, tmp_path / "6.lrac", codec, "--bitrate", 6)
    assert six[:HEADER_BYTES] != one[:HEADER_BYTES]
    at_one = decoded(run, tmp_path / "6.lrac", tmp_path / "6.wav", codec.weights, "--bitrate", 1)
    expected = decoded(run, tmp_path / "1.lrac", tmp_path / "1.wav", codec.weights)
    assert np.array_equal(at_one, expected)
    at_six = decoded(run, tmp_path / "6.lrac", tmp_path / "6.wav", codec.weights)
    assert not np.array_equal(at_six, expected)


def test_bits_and_audio_are_the_models_own(run, tiny, speech, tmp_path):
    """The file holds what the model gives for the whole clip, bit by bit."""
    samples, _ = soundfile.read(speech, dtype="float32")
    codec = load_codec(tiny.weights)
    codes = codec.encode(torch.tensor(samples)[None, None])[:, 0]
    frame_by_frame = "".join(f"{int(code):010b}" for code in codes.T.flatten())
    payload = encoded(run, speech, tmp_path / "a.lrac", tiny)[HEADER_BYTES:]
    assert "".join(f"{byte:08b}" for byte in payload) == frame_by_frame
    audio = codec.decode(codes[:, None])[0, 0, :12_345].numpy()
    got = decoded(run, tmp_path / "a.lrac", tmp_path / "a.wav", tiny.weights)
    assert np.abs(got / 32768 - audio).max() <= 0.51 / 32768  # half a step, and rounding


@pytest.mark.parametrize(
    ("rate", "channels", "samples", "expected"),
    [
        (24_000, 1, 2400, 2400),
        (8000, 1, 4001, 12_003),
        (44_100, 2, 10_000, 5442),
        (48_000, 6, 999, 500),
    ],
)
def test_any_rate_and_channel_count(run, tiny, tmp_path, rate, channels, samples, expected):
    audio = write_audio(tmp_path / "a.flac", samples, rate, channels)
    encoded(run, audio, tmp_path / "a.lrac", tiny)
    got = decoded(run, tmp_path / "a.lrac", tmp_path / "a.wav", tiny.weights)
    assert got.shape == (expected,)


def test_a_codec_of_two_channels(run, tiniest, tmp_path):
    tiniest.write_text(tiniest.read_text() + "audio_channels: 2\n")
    codec = Codec(tiniest, tmp_path / "w")
    assert run("init", "--design", tiniest, codec.weights).code == 0
    for channels in (1, 2):
        audio = write_audio(tmp_path / "a.wav", 1000, channels=channels)
        encoded(run, audio, tmp_path / "a.lrac", codec)
        got = decoded(run, tmp_path / "a.lrac", tmp_path / "b.wav", codec.weights)
        assert got.shape == (1000, 2)


def test_one_sample(run, tiny, tmp_path):
    audio = write_audio(tmp_path / "a.wav", 1)
    assert len(encoded(run, audio, tmp_path / "a.lrac", tiny, "--bitrate", 1)) == HEADER_BYTES + 2
    got = decoded(run, tmp_path / "a.lrac", tmp_path / "b.wav", tiny.weights)
    assert got.shape == (1,)


def test_absorbed_halves_speak_with_the_whole(run, tiny, speech, tmp_path):
    result = run("absorb", tiny.weights, tmp_path / "an absorbed codec", "--check-on", speech)
    assert result.code == 0
    assert result.out.startswith("312 of 312 codes identical")  # 52 frames of 6
    transmit = tiny._replace(weights=tmp_path / "an absorbed codec.transmit.safetensors")
    receive = tiny._replace(weights=tmp_path / "an absorbed codec.receive.safetensors")
    whole = encoded(run, speech, tmp_path / "whole.lrac", tiny)
    assert encoded(run, speech, tmp_path / "half.lrac", transmit) == whole
    from_whole = decoded(run, tmp_path / "half.lrac", tmp_path / "w.wav", tiny.weights)
    from_half = decoded(run, tmp_path / "whole.lrac", tmp_path / "h.wav", receive.weights)
    assert np.abs(from_whole.astype(int) - from_half).max() <= 1
    wrong_side = run("decode", tmp_path / "half.lrac", tmp_path / "x.wav", "--weights", transmit[1])
    assert wrong_side.code == 2 and "absorbed-transmit" in wrong_side.err
    wrong_side = run("encode", speech, tmp_path / "x.lrac", "--weights", receive.weights)
    assert wrong_side.code == 2 and "absorbed-receive" in wrong_side.err
    assert not (tmp_path / "x.wav").exists() and not (tmp_path / "x.lrac").exists()


def test_absorbed_sizes_are_the_audits(run, tiny, tmp_path):
    out = run("absorb", tiny.weights, tmp_path / "t").out
    assert re.search(r"^6,000 of 6,000 codes identical, audio within \d\.\de-0[78]", out)
    # Per layer: search 600 x 4 and table 600 x 8; input projection 8 x 4 + 4.
    # Encoder: 3 + 1 + 1 + 1, 30 x 4 + 4, 3 x 16 + 4, 32 x 32 + 8. Four bytes each.
    transmit = 4 * (6 * (2400 + 4800 + 36) + 6 + 124 + 52 + 1032)
    # Decoder: 8 x 4 x 16 + 4, 4 x 2 x 15 + 2, 5 x 4 + 2, 7 x 2 + 1.
    receive = 4 * (6 * 4800 + 516 + 122 + 22 + 15)
    for side, expected in (("transmit", transmit), ("receive", receive)):
        line = next(line for line in out.splitlines() if line.startswith(side))
        file_bytes, header, values, audited = line.split()[-5:-1]
        assert values == audited == f"{expected:,}"
        size = (tmp_path / f"t.{side}.safetensors").stat().st_size
        assert file_bytes == f"{size:,}"
        assert int(header.replace(",", "")) + expected == size


def test_the_same_seed_gives_the_same_weights(run, tiniest, tmp_path):
    weights = []
    for seed in (7, 7, 8):
        result = run("init", "--design", tiniest, "--seed", seed, tmp_path / "out")
        assert result.code == 0 and f"seed {seed}" in result.out
        weights.append(load_file(tmp_path / "out"))
    assert_equal_tensors(weights[0], weights[1])
    assert len(unequal_tensors(weights[0], weights[2])) > 10


def test_info_of_both_kinds(run, tiny, speech, tmp_path):
    encoded(run, speech, tmp_path / "a.lrac", tiny)
    of_file = run("info", tmp_path / "a.lrac").out
    of_weights = run("info", tiny.weights).out
    for words in ("12,345 samples at 24,000 Hz", "0.514 s", "6 kbps", "52 of 240", "390 bytes"):
        assert words in of_file
    for words in ("tiny", "trained", "1, 6 kbps", f"{tiny.weights.stat().st_size:,} bytes"):
        assert words in of_weights
    fingerprints = re.compile(r"^(?:design|weights) +([0-9a-f]{16})$", re.MULTILINE)
    assert fingerprints.findall(of_file) == fingerprints.findall(of_weights)
    assert len(set(fingerprints.findall(of_file))) == 2
