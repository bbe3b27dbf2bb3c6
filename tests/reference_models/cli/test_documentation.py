"""The commands that the documentation shows can be typed as they stand."""

import re
import shlex
import shutil
from pathlib import Path

from tests.reference_models.cli.conftest import write_audio

PAGE = Path(__file__).parents[3] / "docs" / "codec-command-line.md"


def test_every_command_of_the_page_runs(run, track1, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_audio(tmp_path / "speech.wav", 5000)
    shutil.copy(track1.weights, "track1.safetensors")
    lines = re.search(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)[1].splitlines()
    assert len(lines) == 8
    for line in lines:
        program, *arguments = shlex.split(line, comments=True)
        assert program == "lrac-codec"
        if arguments[0] in ("init", "import-espnet"):  # slow, and a file that nobody has
            continue
        assert run(*arguments).code == 0, line
