"""Which format a file is read in, and what is said of one in none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lrac_audit.design import formats
from lrac_audit.design.formats import load_design, read_design_file
from lrac_audit.errors import InputError
from tests.conftest import ROOT
from tests.lrac_audit.design.sheet_pages import DESIGN, PAGES

RECIPE = ROOT / "tests" / "data" / "espnet_sample.yaml"

FILES = (ROOT / "lrac_audit" / "presets").glob("*.yaml")
OTHERS = sorted(path.stem for path in FILES if not path.stem.startswith("track"))
NAMES = ", ".join(["track1", "track2", *OTHERS])


def sheet(path: Path) -> Path:
    """The small sheet as a file, with a limit of its own."""
    book = Workbook()
    for name, cells in PAGES.items():
        page = book.create_sheet(name)
        for cell, value in cells.items():
            page[cell] = value
    book["Inputs"]["B33"] = 650
    book.save(path)
    return path


def refusal(target: Any) -> str:
    with pytest.raises(InputError) as caught:
        load_design(target)
    return str(caught.value)


@pytest.mark.parametrize("name", ["small.xlsx", "small.XLSX"])
def test_a_sheet_brings_the_limits_that_it_sets(tmp_path: Path, name: str) -> None:
    path = sheet(tmp_path / name)
    found = read_design_file(path)
    assert found.loaded.design == DESIGN
    assert found.loaded.source == str(path)
    assert found.loaded.ignored == ()
    assert found.limit_edits.values == {"overall_mflops": 650}
    assert found.limit_edits.cells["overall_mflops"] == "Inputs!B33"


def test_a_sheet_is_named_in_its_problems(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    Workbook().save(path)
    lines = refusal(path).splitlines()
    assert lines[0] == f"{path}: Inputs: given no page of that name; allowed: a page"


def test_a_design_of_our_own_format_has_no_more_than_itself() -> None:
    found = read_design_file("track1")
    assert found.loaded.source == "track1"
    assert found.loaded.ignored == ()
    assert found.limit_edits is formats.NO_EDITS
    assert found.limit_edits.values == {} and found.limit_edits.cells == {}


def test_a_recipe_is_named_by_its_file_and_says_what_it_ignores(tmp_path: Path) -> None:
    path = tmp_path / "my recipe.yaml"
    shutil.copy(RECIPE, path)
    found = load_design(path)
    assert found.design.name == "my recipe"
    assert found.source == str(path)
    assert dict(found.ignored)["optim"] == "training only: the trained codec runs the same"


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("a\tb\nc", "a?b?c"),
        ("x" * 210, "x" * 200),
        ("x" * 200, "x" * 200),
    ],
)
def test_a_file_s_name_is_made_fit_for_a_design(tmp_path: Path, stem: str, name: str) -> None:
    path = tmp_path / f"{stem}.yaml"
    shutil.copy(RECIPE, path)
    assert load_design(path).design.name == name


def test_a_missing_file_may_be_a_mistyped_preset(tmp_path: Path) -> None:
    similar = "did you mean track1 or track2?"
    assert (
        refusal("trak1")
        == f"trak1: given no such file; allowed: a file, or one of {NAMES}; {similar}"
    )
    assert refusal("opus") == f"opus: given no such file; allowed: a file, or one of {NAMES}"
    path = tmp_path / "x.yaml"
    assert refusal(path).startswith(
        f"{path}: given no such file; allowed: a file, or one of track1"
    )


def test_a_folder_is_no_design(tmp_path: Path) -> None:
    allowed = "a design in YAML, a recipe's train.yaml or a design sheet (.xlsx)"
    assert refusal(tmp_path) == f"{tmp_path}: given a folder; allowed: {allowed}"


@pytest.mark.parametrize("suffix", [".ods", ".xls", ".xlsm", ".XLSB", ".numbers"])
def test_spreadsheets_of_other_kinds(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"design{suffix}"
    path.write_bytes(b"")
    assert refusal(path) == (
        f"{path}: given a spreadsheet of the kind {suffix}; allowed: one saved as .xlsx"
    )


ALLOWED = "a design, with the key lrac_audit_design, or a recipe, with codec_conf"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", "nothing"),
        ("a: 1", "content with neither key"),
        ("lrac_audit_design", "content with neither key"),
        ("[codec_conf]", "content with neither key"),
        ("5", "content with neither key"),
    ],
)
def test_a_file_in_no_format(tmp_path: Path, text: str, given: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert refusal(path) == f"{path}: given {given}; allowed: {ALLOWED}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "2: given the key 'a' twice; allowed: each key once"),
        (
            "lrac_audit_design: 3",
            "1: lrac_audit_design: given 3; allowed: 1, the version of the format",
        ),
        ("codec_conf: 3", "1: codec_conf: given 3; allowed: a mapping"),
    ],
)
def test_problems_of_a_file_name_it(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert refusal(path) == f"{path}:{problem}"
