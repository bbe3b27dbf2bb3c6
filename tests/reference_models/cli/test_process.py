"""What only a process of its own can show: memory, interruption, a terminal, late imports."""

import signal
import subprocess
import sys
import time

import pytest
import soundfile

from tests.reference_models.cli.conftest import write_audio
from tests.reference_models.cli.measuring import MAIN, measured
from tests.terminal import run_on_terminal

TEN_MINUTES = 10 * 60 * 24000
MAX_GROWTH_BYTES = 400e6


@pytest.mark.sweep
def test_ten_minutes_in_bounded_memory(tiny, tmp_path):
    long_audio = write_audio(tmp_path / "ten minutes.wav", TEN_MINUTES)

    def grown_bytes(*arguments):
        return measured(tiny.weights, *arguments, "--threads", 1).grown_bytes

    coded, out = tmp_path / "coded.lrac", tmp_path / "out.wav"
    for kbps, payload_bytes in ((1, 75_000), (6, 450_000)):
        encoding = grown_bytes("encode", long_audio, coded, "--bitrate", kbps)
        assert 0 < encoding < MAX_GROWTH_BYTES
        assert coded.stat().st_size == 44 + payload_bytes
    assert 0 < grown_bytes("decode", coded, out) < MAX_GROWTH_BYTES
    assert soundfile.info(out).frames == TEN_MINUTES


def heed_interrupts():
    """A shell starts what it runs in the background with interrupts ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interruption_leaves_nothing_behind(tiny, tmp_path_factory, tmp_path):
    audio = write_audio(tmp_path_factory.mktemp("audio") / "a minute.wav", 60 * 24000)
    out = tmp_path / "out.lrac"
    out.write_bytes(b"old")
    command = [sys.executable, "-c", MAIN, "encode", audio, out, "--weights", tiny.weights]
    with subprocess.Popen(
        [*map(str, command)], stderr=subprocess.PIPE, preexec_fn=heed_interrupts
    ) as process:
        while len(list(tmp_path.iterdir())) == 1:
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (130, b"interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["out.lrac"]
    assert out.read_bytes() == b"old"


def test_progress_on_a_terminal_only(tiny, run, tmp_path):
    audio = write_audio(tmp_path / "speech.wav", 240_000)
    command = [sys.executable, "-c", MAIN, "encode", audio, tmp_path / "o", "--weights"]
    arguments = [*map(str, [*command, tiny.weights])]
    seen = run_on_terminal(arguments, pipe_output=True)
    assert seen.code == 0
    assert "encoding speech.wav" in seen.terminal and "100%" in seen.terminal
    assert seen.piped == f"{tmp_path / 'o'}: 10.000 s at 6 kbps\n"
    assert run("encode", audio, tmp_path / "o", "--weights", tiny.weights).err == ""


@pytest.mark.parametrize("arguments", [["--help"], ["encode", "--help"], ["info", "none.lrac"]])
def test_torch_is_imported_only_where_it_is_needed(arguments):
    code = (
        "import sys; from reference_models.cli.main import main; main(sys.argv[1:]); "
        "sys.exit(bool({'torch', 'soundfile', 'rich'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, *arguments]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
