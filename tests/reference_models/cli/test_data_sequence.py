"""The sequence from files to scores that docs/data.md shows, at a small size."""

import csv
import re
import shlex
import signal
from pathlib import Path

import pytest

from reference_models.data.manifest import load_manifest
from reference_models.parallel import mapping
from tests import synthetic_corpus, tiny_clap
from tests.reference_models.cli.conftest import HANG_SECONDS

PAGE = Path(__file__).parents[3] / "docs" / "data.md"
SCRIPTS = {"tests.synthetic_corpus": synthetic_corpus.main, "tests.tiny_clap": tiny_clap.main}


def commands():
    """The commands of the section, with 40 files instead of 500 and 4 held out instead of 20."""
    section = PAGE.read_text().partition("## A sequence from files to scores")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]
    small = block.replace("--files 500", "--files 40").replace("--utterances 20", "--utterances 4")
    return [shlex.split(line) for line in small.splitlines()]


def column(path, key, value):
    with Path(path).open() as file:
        return {row[key]: row[value] for row in csv.DictReader(file)}


@pytest.mark.sweep
def test_from_files_to_scores(run, tmp_path, monkeypatch):
    """In one process: that several give the same is tested where they are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mapping, "core_count", lambda: 1)
    for program, *arguments in commands():
        signal.alarm(HANG_SECONDS)  # each command may take so long
        if program == "python":
            option, module, *arguments = arguments
            assert option == "-m"
            SCRIPTS[module](arguments)
            continue
        assert program == "lrac-codec"
        result = run(*arguments)
        assert result.code == 0, (arguments, result.err)
    assert "pesq" in result.out.lower()
    kinds = column("corpus/truth.csv", "uid", "kind")
    good = {uid for uid, kind in kinds.items() if kind == "good"}
    kept = {entry.uid for entry in load_manifest(Path("corpus/kept.csv")).entries}
    assert len(good) == 20 and len(kept & good) >= 16 and len(kept - good) <= 1
    parts = [load_manifest(Path(f"corpus/{name}.csv")) for name in ("train", "valid")]
    speakers = [{entry.speaker for entry in part.entries} for part in parts]
    assert all(speakers) and not speakers[0] & speakers[1]
    check_noise()


def check_noise():
    """Of 20 noises 12 are hum, 5 wind, 2 typing and 1 alarm, of which 2 is the lower median."""
    truth = column("corpus/noise_truth.csv", "uid", "class")
    found = column("corpus/classes.csv", "uid", "noise_class")
    assert found == truth and len(truth) == 20
    balanced = [entry.uid for entry in load_manifest(Path("corpus/balanced.csv")).entries]
    names = sorted(truth[uid] for uid in balanced)
    assert names == ["alarm", *2 * ["electric_noise"], *2 * ["typing"], *2 * ["wind"]]
    parts = [load_manifest(Path(f"corpus/noise_{name}.csv")) for name in ("t", "v")]
    assert {entry.uid for part in parts for entry in part.entries} == set(balanced)
