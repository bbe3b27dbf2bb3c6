"""``-`` as the name of a file: the same bytes through pipes as through files."""

from __future__ import annotations

import io
import shlex
import struct
import subprocess
import sys

import pytest
import soundfile

from reference_models.cli.main import main
from tests.reference_models.cli.conftest import write_audio
from tests.reference_models.cli.measuring import MAIN
from tests.terminal import run_on_terminal


@pytest.fixture
def piped(monkeypatch, capfdbinary):
    """Run ``lrac-codec`` with bytes on its standard input."""

    def piped(content, *arguments):
        capfdbinary.readouterr()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        code = main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return int(code), out, err.decode()

    return piped


@pytest.fixture
def files(tiny, speech, tmp_path):
    """A WAV file, what it is encoded to, and what that decodes to."""
    coded, decoded = tmp_path / "speech.lrac", tmp_path / "decoded.wav"
    for arguments in (["encode", speech, coded], ["decode", coded, decoded]):
        assert main([*map(str, arguments), "--weights", str(tiny.weights)]) == 0
    return speech, coded, decoded


def test_the_same_bytes_as_with_files(piped, tiny, files, tmp_path):
    speech, coded, decoded = (path.read_bytes() for path in files)
    weights = ("--weights", tiny.weights)
    said = "standard output: 0.514 s at 6 kbps\n"
    assert piped(speech, "encode", "-", "-", *weights) == (0, coded, said)
    said = "standard output: 0.514 s from 6 kbps\n"
    assert piped(coded, "decode", "-", "-", *weights) == (0, decoded, said)
    out = tmp_path / "out"
    code, said, err = piped(coded, "decode", "-", out, *weights)
    assert (code, said.decode(), err) == (0, f"{out}: 0.514 s from 6 kbps\n", "")
    assert out.read_bytes() == decoded


@pytest.mark.parametrize("declared", [0xFFFFFFFF, 0x7FFFF000, 0x80000000])
def test_a_wav_file_of_unknown_length(piped, tiny, files, declared):
    """As ffmpeg, SoX and ALSA's arecord declare the size of the data in a pipe."""
    speech, coded, _ = (path.read_bytes() for path in files)
    at = speech.index(b"data") + 4
    header = speech[:4] + struct.pack("<I", declared) + speech[8:at]
    found = piped(
        header + struct.pack("<I", declared) + speech[at + 4 :],
        *("encode", "-", "-", "--weights", tiny.weights),
    )
    assert found[:2] == (0, coded)


def test_a_wav_file_that_is_cut_off_is_refused(piped, tiny, files):
    content = files[0].read_bytes()[:-100]
    code, out, err = piped(content, "encode", "-", "-", "--weights", tiny.weights)
    assert (code, out) == (2, b"")
    assert err.startswith("error: standard input: given 24590 of 24690 bytes of samples")


def test_nothing_comes_out_of_a_damaged_file(piped, tiny, files):
    coded = bytearray(files[1].read_bytes())
    coded[-1] = 0xFF
    coded[-2] = 0xFF
    weights = ("--weights", tiny.weights)
    code, out, err = piped(bytes(coded), "decode", "-", "-", *weights)
    assert (code, out) == (2, b"")
    assert err.startswith("error: standard input: frame 51, ")
    code, out, err = piped(bytes(coded[:-20]), "decode", "-", "-", *weights)
    assert code == 0 and out.startswith(b"RIFF")
    assert err.startswith("warning: standard input: the payload is cut off, 20 bytes are missing")
    assert soundfile.info(io.BytesIO(out)).frames == 49 * 240
    code, out, err = piped(b"", "decode", "-", "-", *weights)
    assert (code, out) == (2, b"") and err.startswith("error: standard input: ")


def test_a_terminal_is_refused(tiny, files):
    command = [sys.executable, "-c", MAIN, "encode", "-", "out.lrac", "--weights", tiny.weights]
    seen = run_on_terminal([*map(str, command)])
    assert seen.code == 2
    assert "standard input: given a terminal, or nothing; allowed: a pipe" in seen.terminal
    command = [sys.executable, "-c", MAIN, "decode", files[1], "-", "--weights", tiny.weights]
    seen = run_on_terminal([*map(str, command)])
    assert seen.code == 2
    assert "standard output: given a terminal; allowed: a pipe" in seen.terminal


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("redirection", "code", "error"),
    [
        ("> /dev/full", 2, b"error: standard output: given a stream that fails: No space left"),
        ("| head -c 10 > /dev/null; exit ${PIPESTATUS[0]}", 0, b"standard output: 2.000 s"),
    ],
)
def test_output_that_is_not_taken(tiny, files, tmp_path, redirection, code, error):
    audio = write_audio(tmp_path / "a.wav", 48_000)  # more than a pipe holds
    coded, weights = tmp_path / "a.lrac", ["--weights", str(tiny.weights)]
    assert main(["encode", str(audio), str(coded), *weights]) == 0
    command = [sys.executable, "-c", MAIN, "decode", str(coded), "-", *weights]
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join(command)} {redirection}"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr.startswith(error) and done.stderr.count(b"\n") == 1


@pytest.mark.sweep
def test_a_pipe_between_two_programs(tiny, tmp_path):
    audio = write_audio(tmp_path / "a.wav", 24_000)
    start, weights = [sys.executable, "-c", MAIN], ["--weights", str(tiny.weights)]
    with (
        audio.open("rb") as file,
        subprocess.Popen(
            [*start, "encode", "-", "-", *weights],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as encoder,
    ):
        decoder = subprocess.run(
            [*start, "decode", "-", "-", *weights],
            stdin=encoder.stdout,
            capture_output=True,
            check=True,
        )
    assert encoder.returncode == 0
    assert soundfile.info(io.BytesIO(decoder.stdout)).frames == 24_000
