"""What the reports say of a design whose delay no number bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lrac_audit.list_design import LISTS, write_lists

NORM = "encoder.layers.5.group_norm"


@pytest.fixture
def normed(tmp_path: Path) -> Path:
    assert LISTS.count("- rms_norm") == 1
    return write_lists(tmp_path, LISTS.replace("- rms_norm", "- group_norm"))


def cells(text: str, title: str) -> list[str]:
    """Return the cells of the line of a table whose first cell is ``title``."""
    (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{title}  ")]
    return re.split(r"  +", line.strip())


def test_the_report_of_an_audit(normed: Path, run: Callable[..., Any]) -> None:
    found = run("audit", normed)
    assert found.code == 0
    assert cells(found.out, NORM)[-1] == "no bound"
    for part in ("transmit side", "overall"):
        assert cells(found.out, part)[-1] == "no bound"
    assert cells(found.out, "receive side")[-1] == "5"  # 120 samples
    assert cells(found.out, "streaming state")[1] == "no bound"
    assert cells(found.out, "total latency, ms") == [
        "total latency, ms",
        "30",
        "no bound",
        "none",
        "fail",
    ]
    assert "A latent frame sees the whole clip" in found.out
    assert "verdict: fail" in found.out


def test_the_gate_names_the_layer(normed: Path, run: Callable[..., Any]) -> None:
    found = run("check", normed)
    assert found.code == 1
    words = " ".join(found.out.split())
    assert f"to mend total_latency_ms: take out what waits for the end of the clip: {NORM}" in words
    found = run("check", normed, "--format", "github")
    assert "total_latency_ms fail: no bound, limit 30, margin none." in found.out
    found = run("check", normed, "--format", "csv")
    assert f"{normed},total_latency_ms,30,no bound,none,ms,fail," in found.out.splitlines()
    document = json.loads(run("audit", normed, "--format", "json").out)
    assert document["latency"]["total_samples"] is None
    (check,) = [c for c in document["limits"]["checks"] if c["id"] == "total_latency_ms"]
    assert (check["value"], check["margin"], check["status"]) == (None, None, "fail")
    assert document["memory"]["transmit"]["state_values"] is None


def test_the_sheet_of_values(normed: Path, run: Callable[..., Any]) -> None:
    found = run("sheet", normed, "--format", "csv")
    assert found.code == 0
    lines = found.out.splitlines()
    assert 'Summary,"total_latency_ms, ms",30,no bound,none,fail' in lines
    (row,) = [line for line in lines if line.startswith(f"Layers,{NORM},")]
    assert ",unbounded,unbounded,unbounded," in row
