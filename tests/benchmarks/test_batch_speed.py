"""How long a gate over a thousand designs takes: at most 10 s on one core, the median of five.

pytest tests/benchmarks/test_batch_speed.py -s
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import pytest

from lrac_audit.presets import preset_path
from tests.benchmarks.timing import program

OURS = "from lrac_audit.cli.main import main; main()"
"""The installed program, but for its exit code."""
DESIGNS = 1000
MOST_S = 10
ROUNDS = 5


@pytest.fixture
def designs(tmp_path: Path) -> Path:
    """Return a folder of designs that differ, none of them within 10 MFLOPS."""
    text = preset_path("track1").read_text(encoding="utf-8")
    folder = tmp_path / "designs"
    folder.mkdir()
    for n in range(DESIGNS):
        own = text.replace("channels: 8, kernel: 7", f"channels: 8, kernel: {3 + n % 5}")
        (folder / f"design {n:04}.yaml").write_text(f"{own}\n# {n}\n", encoding="utf-8")
    (tmp_path / "strict.yaml").write_text(
        "name: strict\nconvention: lrac-2025\noverall_mflops: 10\n", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize("form", ["--summary", "--checks", "--format=csv"])
@pytest.mark.parametrize("is_broken", [False, True], ids=["within", "over"])
def test_a_thousand_designs(designs: Path, form: str, is_broken: bool) -> None:
    limits = ("--limits", designs.parent / "strict.yaml") if is_broken else ()
    checking = program(sys.executable, "-c", OURS, "check", designs, form, *limits)
    times = sorted(checking() for _ in range(ROUNDS))
    print(f"\n{form}: {', '.join(f'{each:.2f}' for each in times)} s")  # noqa: T201
    assert statistics.median(times) < MOST_S
