"""``audit --plot``: pictures as files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import Result
from tests.lrac_audit.list_design import LISTS, write_lists

Run = Callable[..., Result]


def test_the_name_of_the_file_names_the_picture(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    latency, other = tmp_path / "latency.svg", tmp_path / "figure-1.pdf"
    found = run("audit", "track1", "--plot", latency, "--plot", f"view={other}")
    assert found.code == 0
    assert "verdict: pass" in found.out
    assert "encoder.blocks.2.residual.1.convs.0" in latency.read_text(encoding="utf-8")
    ElementTree.parse(latency)
    content = other.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/FontFile2" in content  # text is text of an embedded font
    run("audit", "track1", "--plot", f"view={other}")
    assert other.read_bytes() == content


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (
            "costs.svg",
            "one of cost, latency, view, as the name of the file or before =FILE; did you",
        ),
        ("cost=", "a file that ends in .svg or .pdf"),
        ("cost.png", "a file that ends in .svg or .pdf"),
        ("x=cost.svg", "one of cost, latency, view"),
    ],
)
def test_what_cannot_be_drawn_is_refused(run: Run, given: str, allowed: str) -> None:
    found = run("audit", "track1", "--plot", given)
    assert (found.code, found.out) == (2, "")
    assert f"--plot: given {given!r}; allowed: {allowed}" in found.err


def test_a_latency_without_bound_is_no_picture(run: Run, tmp_path: Path) -> None:
    normed = write_lists(tmp_path, LISTS.replace("- rms_norm", "- group_norm"))
    file = tmp_path / "latency.svg"
    found = run("audit", normed, "--plot", file)
    assert (found.code, found.out, file.exists()) == (2, "", False)
    assert "No number bounds the latency, because of encoder.layers.5.group_norm." in found.err
    assert "allowed: one of cost" in found.err


def test_without_matplotlib_the_extra_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    found = run("audit", "track1", "--plot", tmp_path / "cost.svg")
    assert (found.code, found.out) == (2, "")
    assert "needs the package matplotlib" in found.err
    assert "pip install '.[report]'" in found.err
