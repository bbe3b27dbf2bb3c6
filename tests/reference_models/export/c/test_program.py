"""What ``lrac-codec export --to c`` writes: the program, the weights and the file format."""

import resource
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from reference_models.bitstream.header import Header
from reference_models.cli.main import main
from reference_models.export.c.compiler import FLAGS, compiled
from reference_models.nn.weights import save_codec
from tests.reference_models.export.c.running import QUICK, UNDEFINED, WARNINGS
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.test_random_designs import EVERYTHING

pytestmark = pytest.mark.usefixtures("c_compiler")

HERE = Path(__file__).parent
LIMITED = resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY
"""Whether addresses are scarce: the address sanitizer takes terabytes of them."""
SANITIZERS = ("-O1", *UNDEFINED, *(() if LIMITED else ("-fsanitize=address",)))
DAMAGED_FILES = 10_000
SAMPLES = 6 * 40 + 5


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with a small codec: its weights, its export to C, and a WAV file."""
    folder = tmp_path_factory.mktemp("exported to c") / "some" / "folder"
    weights = folder.parents[1] / "small.safetensors"
    save_codec(filled_codec(EVERYTHING, seed=1), weights)
    assert main(["export", str(weights), str(folder), "--to", "c"]) == 0
    noise = np.random.default_rng(0).standard_normal((SAMPLES, 2))
    soundfile.write(folder / "in.wav", 0.2 * noise, 24_000)
    return folder


def built(exported, out, *flags, source="lrac_program.c"):
    """Compile the export with a program; return the command."""
    sources = [exported / "lrac_codec.c", exported / source]
    compiled(sources, exported / out, [*WARNINGS, *flags, f"-I{exported}", "-lm"])
    return exported / out


@pytest.fixture(scope="module", params=[QUICK, pytest.param(SANITIZERS, marks=pytest.mark.sweep)])
def program(request, exported):
    """The program of the export."""
    return built(exported, "program", *request.param)


def run(command, *arguments):
    return subprocess.run(
        [str(command), *map(str, arguments)], capture_output=True, text=True, check=False
    )


def in_python(command, exported, given, out, *options):
    weights = exported.parents[1] / "small.safetensors"
    assert main([command, str(given), str(out), "--weights", str(weights), *options]) == 0
    return out


def in_c(program, command, exported, given, out, *options):
    weights = exported / ("transmit" if command == "encode" else "receive")
    done = run(program, command, f"{weights}.weights", given, out, *options)
    assert (done.returncode, done.stderr) == (0, "")
    return out


@pytest.mark.parametrize("layers", [1, 3])
def test_files_are_those_of_the_python_program(exported, program, tmp_path, layers):
    bitrate = EVERYTHING.bitrate_kbps(layers)
    ours = in_c(program, "encode", exported, exported / "in.wav", tmp_path / "c.lrac", layers)
    theirs = in_python(
        "encode", exported, exported / "in.wav", tmp_path / "py.lrac", "--bitrate", str(bitrate)
    )
    assert ours.read_bytes() == theirs.read_bytes()
    decoded = in_c(program, "decode", exported, theirs, tmp_path / "c.wav")
    expected = in_python("decode", exported, ours, tmp_path / "py.wav")
    assert decoded.read_bytes()[:44] == expected.read_bytes()[:44]
    heard, wanted = (soundfile.read(path, dtype="int16")[0] for path in (decoded, expected))
    assert heard.shape == (SAMPLES, 2) and np.abs(wanted).max() > 1000
    assert np.abs(heard.astype(int) - wanted).max() <= 1  # where a value lies between two steps


def test_a_file_that_is_cut_off_is_decoded_as_far_as_it_goes(exported, program, tmp_path):
    whole = in_c(program, "encode", exported, exported / "in.wav", tmp_path / "whole.lrac")
    content = whole.read_bytes()
    cut = tmp_path / "cut.lrac"
    cut.write_bytes(content[:-20])
    done = run(program, "decode", exported / "receive.weights", cut, tmp_path / "cut.wav")
    assert done.returncode == 0 and "cut off" in done.stderr
    expected = in_python("decode", exported, cut, tmp_path / "py.wav")
    assert soundfile.info(tmp_path / "cut.wav").frames == soundfile.info(expected).frames < SAMPLES


def test_other_weights_are_refused(exported, program, tmp_path):
    good = (exported / "transmit.weights").read_bytes()
    other_design = good[:8] + bytes(8) + good[16:40]
    cases = {
        "of another design": other_design + struct.pack("<I", zlib.crc32(other_design)) + good[44:],
        "damaged or cut off": good[:-1] + bytes([good[-1] ^ 1]),
        "not a weights file": (exported / "receive.weights").read_bytes(),
        "cannot be read": b"",
    }
    cases["damaged"], cases["cut off"] = good[:20] + b"\xff" + good[21:], good[:-4]
    for message, content in cases.items():
        path = tmp_path / "some.weights"
        path.write_bytes(content)
        done = run(program, "encode", path, exported / "in.wav", tmp_path / "out.lrac")
        assert done.returncode == 2 and message in done.stderr, message


def test_other_audio_is_refused(exported, program, tmp_path):
    noise = np.random.default_rng(0).standard_normal((100, 2)) / 9
    cases = [
        ("sample rate", {"data": noise, "samplerate": 16_000}),
        ("channels", {"data": noise[:, 0], "samplerate": 24_000}),
        ("samples that are neither", {"data": noise, "samplerate": 24_000, "subtype": "PCM_24"}),
        ("no finite number", {"data": noise * np.nan, "samplerate": 24_000, "subtype": "FLOAT"}),
    ]
    for message, audio in cases:
        soundfile.write(tmp_path / "x.wav", **audio)
        done = run(
            program,
            "encode",
            exported / "transmit.weights",
            tmp_path / "x.wav",
            tmp_path / "x.lrac",
        )
        assert done.returncode == 2 and message in done.stderr, message


def test_an_index_beyond_its_codebook_is_refused(exported, program, tmp_path):
    """Five bits say up to 31; there are 20 codewords. The second frame begins at bit 15."""
    whole = in_c(program, "encode", exported, exported / "in.wav", tmp_path / "whole.lrac")
    content = bytearray(whole.read_bytes())
    content[44 + 1] |= 0b1
    content[44 + 2] |= 0b11110000
    path = tmp_path / "changed.lrac"
    path.write_bytes(content)
    done = run(program, "decode", exported / "receive.weights", path, tmp_path / "x.wav")
    assert done.returncode == 2 and "beyond its codebook" in done.stderr


def damaged(content, header_bytes, random):
    """Change a file somewhere; in half of all cases the checksum of its header is made to fit."""
    changed = bytearray(content)
    for _ in range(random.integers(1, 4)):
        kind, at = random.integers(4), int(random.integers(len(changed)))
        if kind == 0:
            changed[at] ^= 1 << random.integers(8)
        elif kind == 1:
            del changed[at:]
        elif kind == 2:
            changed[at:at] = random.bytes(int(random.integers(1, 9)))
        else:
            changed[int(random.integers(30, 40)) % len(changed)] = random.integers(256)
        if not changed:
            changed = bytearray(b"L")
    if random.integers(2) and len(changed) > header_bytes:
        crc = zlib.crc32(changed[: header_bytes - 4])
        changed[header_bytes - 4 : header_bytes] = struct.pack(">I", crc)
    return bytes(changed)


@pytest.mark.sweep
def test_damaged_files_are_decoded_or_refused(exported, tmp_path):
    (exported / "corrupted.c").write_text((HERE / "corrupted.c").read_text())
    decoder = built(exported, "corrupted", *SANITIZERS, source="corrupted.c")
    good = in_python("encode", exported, exported / "in.wav", tmp_path / "g.lrac").read_bytes()
    header_bytes = len(good) - -(-41 * Header.of(EVERYTHING, ("", ""), 3, 1).bits_per_frame // 8)
    random, bundle = np.random.default_rng(3), tmp_path / "bundle"
    with bundle.open("wb") as file:
        for _ in range(DAMAGED_FILES):
            content = damaged(good, header_bytes, random)
            file.write(struct.pack("<I", len(content)) + content)
    done = run(decoder, exported / "receive.weights", bundle)
    assert (done.returncode, done.stderr) == (0, "")
    files, whole = map(int, done.stdout.split())
    assert files == DAMAGED_FILES and 0 < whole < files


@pytest.mark.sweep
def test_the_stack_is_at_most_what_the_header_says(exported):
    (exported / "stack.c").write_text((HERE / "stack.c").read_text())
    program = built(exported, "stack", *FLAGS, "-pthread", "-Wl,-z,now", source="stack.c")
    done = run(program, exported / "transmit.weights", exported / "receive.weights")
    transmit, receive, stated = map(int, done.stdout.split())
    assert 0 < max(transmit, receive) <= stated
