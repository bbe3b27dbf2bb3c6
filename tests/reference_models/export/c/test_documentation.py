"""The commands and the C code of docs/codecs-in-c.md."""

import re
import shlex
import subprocess

import numpy as np
import pytest
import soundfile

from lrac_audit.design.formats import load_design
from reference_models.cli.main import main
from reference_models.export.c.compiler import compiled
from reference_models.export.c.source import codec_in_c
from reference_models.export.codec import programs_of
from reference_models.nn.weights import save_codec
from tests.conftest import ROOT
from tests.documents.blocks import blocks, commands
from tests.reference_models.export.c.running import WARNINGS
from tests.reference_models.nn.filling import filled_codec

PAGE = "codecs-in-c.md"

pytestmark = [pytest.mark.sweep, pytest.mark.usefixtures("c_compiler")]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with weights and a recording, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    save_codec(filled_codec(load_design("track1").design, seed=1), tmp_path / "track1.safetensors")
    noise = np.random.default_rng(0).standard_normal(2_500)
    soundfile.write("speech.wav", 0.2 * noise, 24_000)
    return tmp_path


def run(command):
    words = shlex.split(command)
    if words[0] == "lrac-codec":
        assert main(words[1:]) == 0
        return ""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), command
    return done.stdout


def test_the_page_as_it_stands(here):
    for command in commands(PAGE):
        run(command)
    decoded, same = (soundfile.read(name, dtype="int16")[0] for name in ("decoded.wav", "same.wav"))
    assert len(decoded) == 2_500 and np.abs(decoded.astype(int) - same).max() <= 1
    (example,) = (block.text for block in blocks(PAGE, "c"))
    (here / "example.c").write_text(example)
    sources = [here / "track1" / "lrac_codec.c", here / "example.c"]
    compiled(sources, here / "example", [*WARNINGS, "-O2", "-Itrack1"])
    assert run("./example") == "0 indices\n6 indices\n1 indices\n"


def sizes(track):
    """Return the sizes of the page's table that follow from a design alone, in its order."""
    header = codec_in_c(programs_of(filled_codec(load_design(track).design, seed=1))).header
    stated = dict(re.findall(r"#define LRAC_(\w+) (\d+)\n", header))
    state = [4 * int(stated[f"{side}_STATE_VALUES"]) for side in ("TRANSMIT", "RECEIVE")]
    scratch = 4 * (int(stated["SCRATCH_VALUES"]) + int(stated["SCRATCH_INDICES"]))
    weights = [4 * int(stated[f"{side}_WEIGHT_VALUES"]) for side in ("TRANSMIT", "RECEIVE")]
    return [*(f"{size:,} + 12" for size in state), f"{scratch:,}", *(f"{w:,}" for w in weights)]


def test_the_sizes_on_the_page():
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    rows = ("state of a transmit", "state of a receive", "scratch", "transmit w", "receive w")
    for row, *expected in zip(rows, sizes("track1"), sizes("track2"), strict=True):
        (line,) = (line for line in page.splitlines() if line.startswith(f"| {row}"))
        assert line.strip("| ").split(" | ")[1:] == expected
