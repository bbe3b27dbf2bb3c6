"""What a cold start costs, beside the smallest program that typer can make.

    pytest tests/benchmarks/test_startup.py -s

Both run in turn, in processes of their own, and are compared by the processor time that each
takes, which other work on the machine disturbs less than the clock. ``-s`` shows medians and
spreads.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lrac_audit import audit
from lrac_audit.design.formats import load_design
from tests.conftest import ROOT

ROUNDS = 25
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
OURS = "import sys; from lrac_audit.cli.main import main; sys.exit(main())"


def processor_s(command: list[str]) -> float:
    """User and system time of one run, with modules compiled once, as an installation has them."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT, env=kept) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


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
    commands = {
        "empty": [sys.executable, str(script), *empty],
        "ours": [sys.executable, "-c", OURS, *ours],
    }
    for command in commands.values():  # once for the caches of compiled modules
        processor_s(command)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(processor_s(command))
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, found in times.items():
        low, _, high = statistics.quantiles(found)
        print(f"\n{name}: {1000 * medians[name]:.0f} ms, {1000 * low:.0f} to {1000 * high:.0f}")  # noqa: T201
    ratio = medians["ours"] / medians["empty"]
    print(f"ratio {ratio:.2f}")  # noqa: T201
    assert ratio < LARGEST_RATIO


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_audits_per_second_in_a_running_process(target: str) -> None:
    design = load_design(target).design
    rates = []
    for _ in range(5):
        began = time.process_time()
        for _ in range(200):
            audit(design)
        rates.append(200 / (time.process_time() - began))
    print(f"\n{target}: {statistics.median(rates):,.0f} audits per s")  # noqa: T201
    assert statistics.median(rates) > LEAST_AUDITS_PER_S
