"""The commands that the pages on data and evaluation show can be typed as they stand."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import soundfile

from reference_models.parallel import mapping
from tests.reference_models.cli.conftest import write_audio
from tests.reference_models.corpus import voices

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def there(tmp_path, monkeypatch, tiny, clap):
    """A folder with everything that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    for folder in ("noise", "rirs", "clean", "noisy"):
        (tmp_path / folder).mkdir(parents=True)
        for i in range(2):
            write_audio(tmp_path / folder / f"{i}.wav", 24_000)
    for number, speaker in enumerate(("anna", "bob")):
        (tmp_path / "recordings" / speaker).mkdir(parents=True)
        for i in range(2):
            speech = voices.voice(3, 200 - 80 * number, i, 24_000)
            recorded = voices.noisy(speech, 40, "white", i)
            soundfile.write(tmp_path / "recordings" / speaker / f"{i}.wav", recorded, 24_000)
    names = "".join(f"{speaker}/{i}\n" for speaker in ("anna", "bob") for i in range(2))
    (tmp_path / "curated.csv").write_text(f"uid\n{names}")
    (tmp_path / "noise_valid.txt").write_text("1 1.wav\n")
    shutil.copy(tiny.weights, "track1.safetensors")
    shutil.copytree(clap, tmp_path / "clap")
    monkeypatch.setattr(mapping, "core_count", lambda: 1)


@pytest.mark.parametrize(("page", "count"), [("data.md", 12), ("evaluation.md", 2)])
def test_every_command_of_the_page_runs(run, there, page, count):
    lines = re.search(r"```sh\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)[1].splitlines()
    assert len(lines) == count
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "lrac-codec"
        result = run(*arguments)
        assert (result.code, result.err) == (0, ""), line
