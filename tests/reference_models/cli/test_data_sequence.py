"""The sequence from files to scores that docs/data.md shows, at a small size."""

import csv
import re
import shlex
from pathlib import Path

import pytest

from reference_models.data.manifest import load_manifest
from tests import synthetic_corpus

PAGE = Path(__file__).parents[3] / "docs" / "data.md"


def commands():
    """The commands of the section, with 40 files instead of 500 and 4 held out instead of 20."""
    section = PAGE.read_text().partition("## A sequence from files to scores")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]
    small = block.replace("--files 500", "--files 40").replace("--utterances 20", "--utterances 4")
    return [shlex.split(line) for line in small.splitlines()]


@pytest.mark.sweep
def test_from_files_to_scores(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    program, _, module, *arguments = commands()[0]
    assert (program, module) == ("python", "tests.synthetic_corpus")
    synthetic_corpus.main(arguments)
    for program, *arguments in commands()[1:]:
        assert program == "lrac-codec"
        result = run(*arguments)
        assert result.code == 0, (arguments, result.err)
    assert "pesq" in result.out.lower()
    with Path("corpus/truth.csv").open() as file:
        good = {row["uid"] for row in csv.DictReader(file) if row["kind"] == "good"}
    kept = {entry.uid for entry in load_manifest(Path("corpus/kept.csv")).entries}
    assert len(good) == 20 and len(kept & good) >= 16 and len(kept - good) <= 1
    parts = [load_manifest(Path(f"corpus/{name}.csv")) for name in ("train", "valid")]
    speakers = [{entry.speaker for entry in part.entries} for part in parts]
    assert all(speakers) and not speakers[0] & speakers[1]
