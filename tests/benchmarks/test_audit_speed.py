"""How fast an audit is. Targets: cold 0.25 s and 80 MB; in a running process 2 ms.

    pytest tests/benchmarks

pytest-benchmark prints medians and spreads; ``-s`` shows the peak memory of a cold run. A file's
parse is kept by content, so the benchmark of a file also clears what is kept, for its first time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from lrac_audit import audit
from lrac_audit.design import targets
from lrac_audit.design.formats import load_design

Benchmark = Callable[..., object]


PEAK_MEMORY = """
import sys
from lrac_audit.cli.main import main
assert main(sys.argv[1:]) == 0
lines = open("/proc/self/status").read().splitlines()
print(*(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


def cold(target: str) -> None:
    command = [sys.executable, "-m", "lrac_audit", "audit", target]
    done = subprocess.run(command, capture_output=True, check=True)
    assert b"verdict: pass" in done.stdout


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_cold_audit(benchmark: Benchmark, target: str) -> None:
    benchmark.pedantic(cold, args=(target,), rounds=20, warmup_rounds=2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_peak_memory_of_a_cold_audit(target: str) -> None:
    command = [sys.executable, "-c", PEAK_MEMORY, "audit", target]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    peak_mb = int(done.stderr) / 1024
    print(f"\n{target}: {peak_mb:.1f} MB")  # noqa: T201
    assert peak_mb < 80


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_audit_of_a_design_in_a_running_process(benchmark: Benchmark, target: str) -> None:
    design = load_design(target).design
    result = benchmark(audit, design)
    assert result.verdict.status == "pass"  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", ["track1", "track2"])
def test_audit_of_a_file_in_a_running_process(benchmark: Benchmark, target: str) -> None:
    result = benchmark(audit, target)
    assert result.verdict.status == "pass"  # type: ignore[attr-defined]


def test_first_audit_of_a_file_in_a_running_process(benchmark: Benchmark) -> None:
    def first() -> None:
        targets._parse.cache_clear()
        audit("track1")

    benchmark(first)


def test_json_document(benchmark: Benchmark) -> None:
    found = audit("track2")
    document = benchmark(found.document)
    assert document["verdict"] == "pass"  # type: ignore[index]
