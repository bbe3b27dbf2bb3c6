"""The hooks for pre-commit, run as it runs them: the entry, its arguments, then the files."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Result
from tests.documents.blocks import blocks

Run = Callable[..., Result]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


def run_hook(run: Run, name: str, *files: Path) -> Result:
    hook = HOOKS[name]
    program, *words = shlex.split(hook["entry"])
    assert program == "lrac-audit"
    given = files if hook.get("pass_filenames", True) else ()
    return run(*words, *hook.get("args", ()), *given)


def test_the_page_names_every_hook() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert HOOKS.keys() == {"lrac-audit-check", "lrac-audit-sheets"}
    assert all(f"id: {name}" in page for name in HOOKS)


def test_designs_are_checked(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "a good.yaml", tmp_path / "bad.yaml"
    run("convert", "track1", good)
    # 92 taps more of 8 products each at 24 kHz, twice, are 35.3 MFLOPS, of which 8.6 are left.
    text = good.read_text(encoding="utf-8").replace(
        "channels: 8, kernel: 7", "channels: 8, kernel: 99"
    )
    bad.write_text(text, encoding="utf-8")
    assert run_hook(run, "lrac-audit-check", good).code == 0
    assert run_hook(run, "lrac-audit-check", good, bad).code == 1


def test_sheets_are_compared_with_their_designs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sheets").mkdir()
    run("sheet", "track1", "-o", Path("sheets", "track1.xlsx"))
    assert run_hook(run, "lrac-audit-sheets").code == 0
    run("sheet", "track2", "-o", Path("sheets", "track1.xlsx"))
    assert run_hook(run, "lrac-audit-sheets").code == 1


def shown(key: str) -> dict[str, Any]:
    """Return the YAML block of the page that has ``key``."""
    trees = [yaml.safe_load(block.text) for block in blocks("ci.md", "yaml")]
    (found,) = (tree for tree in trees if key in tree)
    return dict(found)


def test_the_configuration_of_pre_commit_names_hooks_and_options_that_there_are(
    run: Run, tmp_path: Path
) -> None:
    (repository,) = shown("repos")["repos"]
    hooks = {hook["id"]: hook for hook in repository["hooks"]}
    assert hooks.keys() == HOOKS.keys()
    design = tmp_path / "design.yaml"
    run("convert", "track1", design)
    words = shlex.split(HOOKS["lrac-audit-check"]["entry"])[1:]
    assert run(*words, *hooks["lrac-audit-check"]["args"], design).code == 0


@pytest.fixture
def repository(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a design, which the base branch has as well."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    monkeypatch.chdir(tmp_path)
    Path("designs").mkdir()
    run("convert", "track1", Path("designs", "codec.yaml"))
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "first"),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
    ):
        subprocess.run(["git", *words], check=True, capture_output=True)
    return tmp_path


def test_the_jobs_run(run: Run, repository: Path) -> None:
    github = [step.get("run", "") for step in shown("jobs")["jobs"]["audit"]["steps"]]
    text = "\n".join([*github, *shown("audit")["audit"]["script"]])
    lines = text.replace("\\\n", " ").replace("$GITHUB_BASE_REF", "main").splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("lrac-audit ")]
    assert len(commands) == 2
    assert [run(*words).code for words in commands] == [0, 0]
    longer = Path("designs", "codec.yaml").read_text(encoding="utf-8")
    longer = longer.replace("channels: 8, kernel: 7", "channels: 8, kernel: 27")
    Path("designs", "codec.yaml").write_text(longer, encoding="utf-8")  # 1.1 % more
    assert [run(*words).code for words in commands] == [1, 0]
    assert (repository / "audit.xml").exists()
