"""How fast an audit is beside its parts, and how much memory a cold one takes: at most 80 MB.

    pytest tests/benchmarks/test_audit_speed.py -s

What a file holds is kept by its content, so the first audit of a file is timed with nothing kept.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lrac_audit import audit
from lrac_audit.design import formats
from lrac_audit.design.formats import load_design
from lrac_audit.ledger import walk
from tests.benchmarks.timing import ratio_of, work

PRESET = Path(formats.__file__).parents[1] / "presets" / "track1.yaml"
MOST_WALKS = 2.2
MOST_AUDITS_OF_A_FILE = 1.7
MOST_PARSES = 0.6
MOST_AUDITS_OF_A_DOCUMENT = 2.3

PEAK_MEMORY = """
import sys
from lrac_audit.cli.main import main
assert main(sys.argv[1:]) == 0
lines = open("/proc/self/status").read().splitlines()
print(*(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_peak_memory_of_a_cold_audit(target: str) -> None:
    command = [sys.executable, "-c", PEAK_MEMORY, "audit", target]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    peak_mb = int(done.stderr) / 1024
    print(f"\n{target}: {peak_mb:.1f} MB")  # noqa: T201
    assert peak_mb < 80


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_an_audit_beside_the_walk_of_its_design(target: str) -> None:
    """An audit walks the design once, totals it and judges it."""
    design = load_design(target).design
    walking = work(walk, design, "absorbed", 6, times=200)
    assert ratio_of(work(audit, design, times=200), walking) < MOST_WALKS


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_a_later_audit_of_a_file_beside_that_of_its_design(target: str) -> None:
    auditing = work(audit, load_design(target).design, times=200)
    assert ratio_of(work(audit, target, times=200), auditing) < MOST_AUDITS_OF_A_FILE


def test_the_first_audit_of_a_file_beside_plain_yaml() -> None:
    text = PRESET.read_text(encoding="utf-8")

    def first() -> None:
        formats._parse.cache_clear()
        audit("track1")

    assert ratio_of(work(first, times=20), work(yaml.safe_load, text, times=20)) < MOST_PARSES


def test_the_json_document_beside_its_audit() -> None:
    design = load_design("track2").design
    document = work(audit(design).document, times=200)
    assert ratio_of(document, work(audit, design, times=200)) < MOST_AUDITS_OF_A_DOCUMENT
