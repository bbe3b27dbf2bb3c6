"""The repository holds what the project is made of, and nothing that a run of it left behind."""

from __future__ import annotations

import subprocess
from pathlib import PurePosixPath

import pytest

from tests.conftest import ROOT

FOLDERS = {".ci", "docs", "lrac_audit", "reference_models", "sheets", "tests"}
PRODUCTS = {".onnx", ".lrac", ".wav", ".ckpt", ".so", ".o", ".pyc"}
"""Endings of what commands write. Nothing here is tested by a file of these kinds."""


@pytest.fixture(scope="module")
def tracked() -> list[PurePosixPath]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a checkout of git")
    return [PurePosixPath(name) for name in listed.stdout.split("\0") if name]


def test_folders_of_the_top_level_are_the_ones_of_the_house(tracked: list[PurePosixPath]) -> None:
    assert {path.parts[0] for path in tracked if len(path.parts) > 1} == FOLDERS


def test_no_product_of_a_command_is_tracked(tracked: list[PurePosixPath]) -> None:
    assert [str(path) for path in tracked if path.suffix in PRODUCTS] == []
