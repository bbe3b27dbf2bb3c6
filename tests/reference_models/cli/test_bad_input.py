"""Every kind of bad input: one clear message, exit code 2, and no file where the output goes."""

import os
import random
import re
import sys

import numpy as np
import pytest
import soundfile
import torch

from reference_models.cli.main import COMMANDS
from reference_models.nn.weights import load_codec, save_codec
from tests.reference_models.cli.conftest import write_audio
from tests.sweeps import some_or_many

HEADER_BYTES = 44


@pytest.fixture
def coded(run, tiny, speech, tmp_path):
    path = tmp_path / "some speech.lrac"
    assert run("encode", speech, path, "--weights", tiny.weights).code == 0
    return path


def refused(result, out, *words):
    assert result.code == 2
    assert result.out == ""
    lines = result.err.splitlines()
    assert lines and all(line.startswith("error: ") for line in lines)
    for word in words:
        assert word in result.err
    assert not out.exists()
    assert not list(out.parent.glob(f".{out.name}*"))


HUGE = """
lrac_audit_design: 1
name: huge
sample_rate_hz: 24000
encoder: {layers: [linear: {channels: 1048576}, linear: {channels: 1048576}]}
quantizer: none
decoder: {layers: [linear: {channels: 1}]}
"""


def test_a_model_that_is_larger_than_the_memory_is_refused(run, tmp_path):
    """Matrices of 1 x 2^20, 2^20 x 2^20 and 2^20 x 1, and biases of 2^20, 2^20 and 1."""
    design, out = tmp_path / "huge.yaml", tmp_path / "weights"
    design.write_text(HUGE)
    taken = f"huge: given a model whose weights take {4 * (2**40 + 4 * 2**20 + 1):,} bytes"
    refused(run("init", "--design", design, out), out, taken, "the memory of this machine")


@pytest.mark.parametrize("command", ["encode", "decode", "stream"])
def test_weights_must_be_given(run, speech, coded, tmp_path, command):
    out = tmp_path / "out"
    arguments = {
        "encode": ["encode", speech, out],
        "decode": ["decode", coded, out],
        "stream": ["stream", "--simulate", speech],
    }[command]
    refused(run(*arguments), out, "--weights: given nothing; allowed:", "lrac-codec init")


def test_no_input_is_written_over(run, tiny, speech, coded):
    weights = ("--weights", tiny.weights)
    for source, arguments in (
        (speech, ("encode", speech, speech, *weights)),
        (tiny.weights, ("encode", speech, tiny.weights, *weights)),
        (coded, ("decode", coded, coded, *weights)),
        (tiny.weights, ("decode", coded, tiny.weights, *weights)),
        (speech, ("stream", "--simulate", speech, *weights, "-o", speech)),
        (tiny.design, ("init", "--design", tiny.design, tiny.design)),
        (tiny.weights, ("import-espnet", tiny.weights, tiny.weights, "--design", tiny.design)),
    ):
        before = source.read_bytes()
        result = run(*arguments)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"error: {source}: given the input as the output; allowed:")
        assert source.read_bytes() == before


def test_bad_audio(run, tiny, tmp_path):
    def encode(path):
        return run("encode", path, tmp_path / "out", "--weights", tiny.weights)

    audio, out = tmp_path / "an audio.wav", tmp_path / "out"
    audio.write_text("no audio")
    refused(encode(audio), out, "an audio.wav", "allowed: a WAV or FLAC file")
    refused(encode(tmp_path / "none.wav"), out, "none.wav", "No such file")
    refused(encode(write_audio(audio, 100, channels=8)), out, "given 8; allowed: 1 to 6")
    refused(encode(write_audio(audio, 100, rate=1)), out, "given 1 Hz; allowed: 4000 to")
    refused(encode(write_audio(audio, 0)), out, "given no samples")
    os.truncate(write_audio(audio, 1000), 1044)
    refused(encode(audio), out, "1000 of 2000 bytes of samples")
    for value in (np.nan, np.inf):
        samples = np.zeros(100_000)
        samples[99_999] = value
        soundfile.write(audio, samples, 24000, "FLOAT")
        refused(encode(audio), out, f"sample 99999 (4.167 s), channel 1: given {value}")
    refused(run("stream", "--simulate", audio, "--weights", tiny.weights), out, "sample 99999")


def test_bad_bitstreams(run, tiny, coded, tmp_path):
    good, out = coded.read_bytes(), tmp_path / "out.wav"

    def decode(content):
        coded.write_bytes(content)
        return run("decode", coded, out, "--weights", tiny.weights)

    refused(decode(b""), out, "some speech.lrac: given an empty file")
    refused(decode(b"RIFF" + good), out, "allowed: a file that lrac-codec encode wrote")
    refused(decode(good[:30]), out, "30 bytes: the header is cut off; allowed: 44 bytes")
    refused(decode(good[:35] + b"\xff" + good[36:]), out, "crc32", "damaged")
    refused(decode(good[:5] + b"\3" + good[6:]), out, "header.version: given 3; allowed: 1")
    refused(decode(good[:HEADER_BYTES]), out, "not one whole frame")
    refused(decode(good[:HEADER_BYTES] + b"\xff" * 390), out, "index 1023", "allowed: 0 to 599")


def test_a_cut_payload_is_decoded_with_a_warning(run, tiny, coded, tmp_path):
    os.truncate(coded, HEADER_BYTES + 100)  # 800 bits are 13 frames of 60
    result = run("decode", coded, tmp_path / "out.wav", "--weights", tiny.weights)
    assert result.code == 0
    assert result.err == (
        f"warning: {coded}: the payload is cut off, 290 bytes are missing; "
        "decodes up to frame 13 of 52\n"
    )
    assert soundfile.info(tmp_path / "out.wav").frames == 13 * 240


def test_another_codec(run, tiny, track1, coded, speech, tmp_path):
    out, changed = tmp_path / "out", tmp_path / "changed.safetensors"
    refused(run("decode", coded, out, "--weights", track1.weights), out, "header.design: given a")
    codec = load_codec(tiny.weights)
    with torch.no_grad():
        codec.quantizer.layers[5].search.embed[599, 3] += 0.001
    save_codec(codec, changed)
    refused(run("decode", coded, out, "--weights", changed), out, "header.weights: given a")
    wrong = run("encode", speech, out, "--weights", tiny.weights, "--design", "track1")
    refused(wrong, out, "design: given tiny; allowed: LRAC 2025 Track 1 baseline")


def test_bad_bitrates(run, tiny, speech, coded, tmp_path):
    out, weights = tmp_path / "out", ("--weights", tiny.weights)
    refused(run("encode", speech, out, *weights, "--bitrate", 3), out, "design: 1, 6 kbps")
    refused(run("encode", speech, out, *weights, "--bitrate", "nan"), out, "bitrate: given nan")
    assert run("encode", speech, coded, *weights, "--bitrate", 1).code == 0
    refused(run("decode", coded, out, *weights, "--bitrate", 6), out, "at most", "1 kbps")


def test_bad_weights(run, speech, coded, tmp_path, tiny):
    weights, out = tmp_path / "w.safetensors", tmp_path / "out"
    weights.write_bytes(b"no weights" * 100)
    good = tiny.weights.read_bytes()
    for content in (b"", b"no weights" * 100, good[:-1], good[: len(good) // 2], good[:7]):
        weights.write_bytes(content)
        refused(run("encode", speech, out, "--weights", weights), out, "w.safetensors")
        refused(run("decode", coded, out, "--weights", weights), out, "w.safetensors")
        refused(run("absorb", weights, out), out, "w.safetensors")
        refused(run("info", weights), out, "w.safetensors")
    refused(run("absorb", tmp_path, out), out, str(tmp_path))


def test_a_half_cannot_be_absorbed_again(run, tiny, speech, tmp_path):
    assert run("absorb", tiny.weights, tmp_path / "t", "--check-on", speech).code == 0
    out = tmp_path / "u.transmit.safetensors"
    result = run("absorb", tmp_path / "t.receive.safetensors", tmp_path / "u")
    refused(result, out, "given a codec of the variant absorbed-receive; allowed: one as it was")


def test_nothing_is_written_where_absorption_changes_a_code(run, tiny, tmp_path, monkeypatch):
    from reference_models.streaming import absorption_check as absorption

    monkeypatch.setattr(absorption, "AUDIO_TOLERANCE", -1.0)
    result = run("absorb", tiny.weights, tmp_path / "t")
    assert result.code == 3 and result.out == ""
    assert re.search(r"6,000 of 6,000 codes identical.*; nothing was written", result.err)
    assert list(tmp_path.iterdir()) == []


def test_the_input_is_not_overwritten(run, tiny, speech, coded):
    for command, path in (("encode", speech), ("decode", coded)):
        before = path.read_bytes()
        result = run(command, path, path.parent / "." / path.name, "--weights", tiny.weights)
        assert result.code == 2 and "another file than the input" in result.err
        assert path.read_bytes() == before


def test_output_that_cannot_be_written(run, tiny, tiniest, speech, coded, tmp_path):
    for out in (tmp_path / "none" / "out", tmp_path):
        assert run("encode", speech, out, "--weights", tiny.weights).code == 2
        assert run("decode", coded, out, "--weights", tiny.weights).code == 2
        assert run("init", "--design", tiniest, out).code == 2


@pytest.mark.parametrize("package", ["soundfile", "soxr"])
def test_a_package_that_the_base_install_lacks_is_named(
    run, tiny, speech, tmp_path, monkeypatch, package
):
    """Python takes a None among its modules for a package that is not there."""
    for name in [name for name in sys.modules if name.startswith("reference_models.audio")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    out = tmp_path / "out"
    found = run("encode", speech, out, "--weights", tiny.weights)
    refused(found, out, f"needs the package {package}", "pip install '.[codec]'")


def test_usage_errors(run):
    for arguments in (["encode"], ["nonsense"], ["encode", "--nonsense"], ["stream"]):
        result = run(*arguments)
        assert result.code == 2 and result.out == "" and result.err.startswith("error: ")


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_help_has_examples(run, command):
    result = run(command, "--help")
    assert result.code == 0 and f"  lrac-codec {command} " in result.out


def mutated(content, rng, header_bytes):
    """Up to four bits flipped, more often in the header, and now and then a cut."""
    content = bytearray(content)
    for _ in range(rng.randint(0, 4)):
        bit = rng.randrange(8 * rng.choice([header_bytes, len(content)]))
        content[bit // 8] ^= 1 << bit % 8
    return bytes(content[: rng.randrange(len(content))] if rng.random() < 0.3 else content)


@some_or_many(40, 400)
@pytest.mark.parametrize("kind", ["lrac", "wav", "flac"])
def test_damaged_files(run, tiny, tmp_path, kind, cases):
    rng = random.Random(0)
    source, damaged, out = (tmp_path / name for name in (f"a.{kind}", f"damaged.{kind}", "out"))
    if kind == "lrac":
        write_audio(tmp_path / "a.wav", 2000)
        assert run("encode", tmp_path / "a.wav", source, "--weights", tiny.weights).code == 0
    else:
        write_audio(source, 2000)
    command = "decode" if kind == "lrac" else "encode"
    good, codes = source.read_bytes(), {0: 0, 2: 0}
    for _ in range(cases):
        damaged.write_bytes(mutated(good, rng, HEADER_BYTES))
        result = run(command, damaged, out, "--weights", tiny.weights)
        codes[result.code] += 1  # any other is a KeyError
        assert "Traceback" not in result.err
        assert out.exists() == (result.code == 0)
        out.unlink(missing_ok=True)
        assert len(list(tmp_path.iterdir())) <= 3
    assert min(codes.values()) >= cases // 20


def test_damaged_weights(run, tiny, speech, tmp_path):
    rng = random.Random(1)
    good, out = tiny.weights.read_bytes(), tmp_path / "out"
    header_bytes = 8 + int.from_bytes(good[:8], "little")
    codes = {0: 0, 2: 0}
    for _ in range(60):
        (tmp_path / "w").write_bytes(mutated(good, rng, header_bytes))
        result = run("encode", speech, out, "--weights", tmp_path / "w")
        codes[result.code] += 1  # any other is a KeyError
        assert "Traceback" not in result.err
    assert min(codes.values()) >= 10, codes
