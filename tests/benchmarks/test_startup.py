"""What a cold start costs, beside the smallest program that typer can make.

pytest tests/benchmarks/test_startup.py -s
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import pytest

from lrac_audit import audit
from lrac_audit.design.formats import load_design
from tests.benchmarks.timing import program, ratio_of, work

LARGEST_RATIO = 1.5
LEAST_AUDITS_PER_S = 1000
EMPTY = """
import typer

app = typer.Typer()


@app.command()
def main() -> None:
    pass


app()
"""
OURS = "from lrac_audit.cli.main import run; run()"
"""What the installed program runs."""


@pytest.mark.parametrize(
    ("ours", "empty"),
    [(["audit", "track1"], []), (["--help"], ["--help"]), (["audit", "--help"], ["--help"])],
    ids=["audit track1", "--help", "audit --help"],
)
def test_a_cold_start_beside_an_empty_typer_program(
    tmp_path: Path, ours: list[str], empty: list[str]
) -> None:
    script = tmp_path / "empty.py"
    script.write_text(EMPTY)
    beside = program(sys.executable, script, *empty)
    ratio = ratio_of(program(sys.executable, "-c", OURS, *ours), beside, rounds=25)
    assert ratio < LARGEST_RATIO


def test_the_table_of_public_codecs_beside_one_audit() -> None:
    audit_one = program(sys.executable, "-c", OURS, "audit", "track1")
    all_codecs = program(sys.executable, "-c", OURS, "codecs")
    assert ratio_of(all_codecs, audit_one, rounds=15) < LARGEST_RATIO


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_audits_per_second_in_a_running_process(target: str) -> None:
    one_audit = work(audit, load_design(target).design, times=200)
    rate = 1 / statistics.median(one_audit() for _ in range(5))
    print(f"\n{target}: {rate:,.0f} audits per s")  # noqa: T201
    assert rate > LEAST_AUDITS_PER_S
