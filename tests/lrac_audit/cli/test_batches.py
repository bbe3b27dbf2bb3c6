"""A gate over many targets: what cannot be audited takes no result from the others."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import Result

Run = Callable[..., Result]
TYPO = "sample_rate_hz: fast"


@pytest.fixture
def batch(tmp_path: Path, run: Run) -> list[Path]:
    """Return twenty designs, of which one has a typo, one is no YAML and one is missing."""
    run("convert", "track1", tmp_path / "good.yaml")
    text = (tmp_path / "good.yaml").read_text(encoding="utf-8")
    paths = [tmp_path / f"entry {n:02}.yaml" for n in range(20)]
    for path in paths:
        path.write_text(text, encoding="utf-8")
    paths[4].write_text(text.replace("sample_rate_hz: 24000", TYPO), encoding="utf-8")
    paths[11].write_text("{", encoding="utf-8")
    paths[19].unlink()
    return paths


def test_each_of_the_others_has_its_result(run: Run, batch: list[Path]) -> None:
    found = run("check", *batch, "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(found.out)))
    by_target: dict[str, set[str]] = {}
    for row in rows:
        by_target.setdefault(row["target"], set()).add(row["status"])
    bad = {str(batch[i]) for i in (4, 11, 19)}
    assert found.code == 2
    assert {name for name, statuses in by_target.items() if statuses == {"pass"}} == {
        str(path) for path in batch
    } - bad
    assert {name for name, statuses in by_target.items() if statuses == {"error"}} == bad


def test_every_error_is_named_with_its_place(run: Run, batch: list[Path]) -> None:
    lines = run("check", *batch).err.splitlines()
    assert len(lines) == 3
    assert f"{batch[4]}:" in lines[0] and "sample_rate_hz: given 'fast'" in lines[0]
    assert str(batch[11]) in lines[1]
    assert lines[2].startswith(f"error: {batch[19]}: given no such file; allowed: a file")


def test_reports_for_programs_hold_the_errors(run: Run, batch: list[Path], tmp_path: Path) -> None:
    files = {name: tmp_path / f"out.{name}" for name in ("json", "junit", "github", "markdown")}
    formats = [word for name, path in files.items() for word in ("-f", f"{name}={path}")]
    assert run("check", *batch, *formats).code == 2
    document = json.loads(files["json"].read_text(encoding="utf-8"))
    assert (document["exit_code"], len(document["targets"])) == (2, 17)
    first = document["errors"][0]
    assert first["source"] == first["where"] == str(batch[4])
    (problem,) = first["problems"]
    assert (problem["field"], problem["given"]) == ("sample_rate_hz", "'fast'")
    assert isinstance(problem["line"], int)
    suites = ElementTree.fromstring(files["junit"].read_text(encoding="utf-8"))
    assert [suite.get("errors") for suite in suites][-3:] == ["1", "1", "1"]
    assert len(suites) == 20
    annotations = files["github"].read_text(encoding="utf-8").splitlines()
    assert [line.partition(" ")[0] for line in annotations] == ["::error"] * 3
    assert "sample_rate_hz" in annotations[0]
    page = files["markdown"].read_text(encoding="utf-8").replace("\\", "")
    assert f"## {batch[4]}: error" in page


def test_on_a_screen_they_are_rows(run: Run, batch: list[Path]) -> None:
    out = run("check", *batch).out
    assert [line.split()[-1] for line in out.splitlines() if str(batch[4]) in line] == ["error"]


def test_a_step_summary_has_them(
    run: Run, batch: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run("check", *batch)
    assert f"{batch[11]}: error" in summary.read_text(encoding="utf-8").replace("\\", "")


def test_nothing_is_written_where_no_target_can_be_audited(run: Run, batch: list[Path]) -> None:
    output = batch[0].parent / "out.json"
    found = run("check", batch[4], batch[11], "-f", f"json={output}")
    assert (found.code, found.out, output.exists()) == (2, "", False)


def targets_of(found: Result) -> list[str]:
    rows = csv.DictReader(io.StringIO(found.out))
    return list(dict.fromkeys(row["target"] for row in rows))


def test_a_folder_stands_for_its_designs(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "some entries"
    (folder / "deeper").mkdir(parents=True)
    for name in ("b.yaml", "a.YML", "deeper/c.yaml", ".hidden.yaml", "~$open.xlsx", "notes.txt"):
        run("convert", "track1", tmp_path / "good.yaml")
        (folder / name).write_bytes((tmp_path / "good.yaml").read_bytes())
    run("sheet", "track1", "-o", folder / "d.xlsx")
    found = run("check", folder, "track1", "-f", "csv")
    assert found.code == 0
    names = [str(folder / name) for name in ("a.YML", "b.yaml", "d.xlsx")]
    assert targets_of(found) == [*names, "track1"]


def test_a_pattern_stands_for_the_files_that_match(run: Run, batch: list[Path]) -> None:
    found = run("check", batch[0].parent / "**" / "entry 0[1-3].yaml", "-f", "csv")
    assert (found.code, targets_of(found)) == (0, [str(batch[i]) for i in (1, 2, 3)])


def test_a_path_that_exists_is_no_pattern(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "design [2].yaml"
    run("convert", "track1", path)
    assert targets_of(run("check", path, "-f", "csv")) == [str(path)]


def test_what_stands_for_nothing_is_an_error_beside_the_results(run: Run, tmp_path: Path) -> None:
    found = run("check", tmp_path, "track1", tmp_path / "*.yaml", "-f", "csv")
    assert found.code == 2
    assert targets_of(found) == ["track1", str(tmp_path), str(tmp_path / "*.yaml")]
    first, second = found.err.splitlines()
    assert f"{tmp_path}: given a folder without designs; allowed: a folder with at least" in first
    assert f"{tmp_path / '*.yaml'}: given a pattern that no file matches" in second


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "{}"),
        ("audit", "{}.xlsx"),
        ("check", "{}"),
        ("check", "{}*"),
        ("compare", "track1", "{}.json"),
        ("check", "track1", "--limits", "{}"),
        ("convert", "{}", "out.yaml"),
        ("sheet", "--check", "{}"),
        ("reconcile", "{}", "--stage", "decoder", "--published", "3"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["a" * 300, "a" * 5000], ids=["long name", "long path"])
def test_a_name_that_no_file_can_have_is_one_message(
    run: Run, words: tuple[str, ...], name: str
) -> None:
    found = run(*(word.format(name) for word in words))
    assert found.code == 2
    assert len(found.err.splitlines()) == 1
    assert "given no such" in found.err or "given a pattern that no file matches" in found.err
