"""The README: its set-up commands, its commands' results and its tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from lrac_audit import audit
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.limits.limit_set import parse_limits
from tests.conftest import ROOT, Result
from tests.documents import codecs
from tests.documents.blocks import blocks, commands
from tests.documents.exceptions import excepted
from tests.other_counters.test_page import published as published_counts

Run = Callable[[str], Result]
TRANSPOSED = "transposed convolution, 16 to 8 channels, kernel 8, stride 4"
RECURRENT = ("LSTM, 2 layers, 32 to 64", "GRU, 32 to 64")
SEARCH = tuple(
    f"codebook search by {way}" for way in ("`cdist`", "a matrix product", "differences")
)


def table(name: str) -> list[list[str]]:
    """Return the rows of the table between two markers, without its head."""
    return codecs.rows(codecs.between(codecs.README, name))[2:]


def test_set_up_commands_are_those_that_ci_runs() -> None:
    install, test = (line for line in commands("README.md") if line.startswith("python3 -m venv"))
    assert install.endswith(".venv/bin/lrac-audit audit track1")
    ran = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {install, test} <= set(ran)


def test_limits_file_of_the_readme() -> None:
    (block,) = blocks("README.md", "yaml")
    limits = parse_limits(parse_yaml(block.text, "README"), "README")
    broken = [c.id for c in audit("track1", limits=limits).verdict.checks if c.status == "fail"]
    assert broken == ["overall_mflops", "receive_mflops", "total_latency_ms"]


def test_commands_of_the_readme_do_what_it_says(folder: Path, run: Run) -> None:
    done = {line: run(line) for line in commands("README.md") if not excepted(line)}
    assert {(result.code, result.err) for result in done.values()} == {(0, "")}
    assert (folder / "audit.xml").exists()
    assert soundfile.info(folder / "decoded.wav").frames == 24_000
    (shown,) = blocks("README.md", "text")
    assert shown.text in next(reversed(done.values())).out  # the delays that the stream measured


@pytest.mark.parametrize("place", range(3))
def test_the_table_of_verdicts_is_what_audits_give(place: int) -> None:
    row = table("verdicts")[place]
    cells = {"track1": (row[1], row[2:4]), "track2": (row[4], row[5:7])}
    for name, (limit, shown) in cells.items():
        for form, cell in zip(("absorbed", "projected"), shown, strict=True):
            check = audit(name, rvq=form).verdict.checks[place]  # type: ignore[arg-type]
            value = check.value
            assert isinstance(value, int | float)
            text = f"{value:,.4f}" if place < 2 else f"{value:g}"
            assert cell == (f"**{text}: fails**" if check.status == "fail" else text)
            assert limit == f"{check.limit:,g}"


def test_the_table_of_other_counters_is_that_of_their_page() -> None:
    counts = published_counts()

    def figures(counter: str, *cases: str) -> str:
        return " / ".join(counts[case][counter] for case in cases)

    shown = table("others")
    assert len(shown) == 7
    for counter, *cells in shown:
        assert cells[0] == figures(counter, TRANSPOSED)
        assert cells[1] == figures(counter, *RECURRENT)
        assert cells[2] == figures(counter, *SEARCH)


def test_the_short_table_of_codecs_is_taken_from_the_measured_one() -> None:
    assert len(table(codecs.SHORT)) >= 9
    assert codecs.between(codecs.README, codecs.SHORT) == codecs.short_table()
