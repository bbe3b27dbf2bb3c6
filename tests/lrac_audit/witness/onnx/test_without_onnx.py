"""Without the extra: one message that names it, and nothing else needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
sys.modules["onnx"] = None  # as if it were not installed
from lrac_audit.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_graph_needs_the_extra(tmp_path: Path) -> None:
    (tmp_path / "transmit.onnx").write_bytes(b"")
    found = run("audit", str(tmp_path))
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith("error: this command needs the package onnx")
    assert "'.[onnx]'" in found.stderr


def test_a_design_does_not() -> None:
    assert run("audit", "track1", "--format", "json").returncode == 0
