"""The hooks for pre-commit, run as it runs them: the entry, its arguments, then the files."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from lrac_audit.auditing.project.configuration import Project
from lrac_audit.validation.reading import read
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


def shown(key: str, name: str | None = None) -> dict[str, Any]:
    """Return the YAML block of the page that has ``key``, and that ``name``."""
    trees = [yaml.safe_load(block.text) for block in blocks("ci.md", "yaml")]
    (found,) = (tree for tree in trees if key in tree and tree.get("name") == name)
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


def test_the_two_configurations_of_a_project_are_the_same() -> None:
    (block,) = blocks("ci.md", "toml")
    table = tomllib.loads(block.text)["tool"]["lrac-audit"]
    assert read(Project, table, "page") == read(Project, shown("targets"), "page")


def test_the_configuration_of_a_project_is_checked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A design and a recipe, in two forms and two modes each, against two limit sets."""
    monkeypatch.chdir(tmp_path)
    for folder in (Path("designs"), Path("conf", "small")):
        folder.mkdir(parents=True)
    run("convert", "track1", Path("designs", "codec.yaml"))
    run("convert", "track1", "--to", Path("conf", "small", "train.yaml"))
    Path("our-limits.yaml").write_text(
        "name: ours\nconvention: lrac-2025\noverall_mflops: 700\n", encoding="utf-8"
    )
    Path("lrac-audit.yaml").write_text(yaml.safe_dump(shown("targets")), encoding="utf-8")
    monkeypatch.chdir(tmp_path / "conf")
    assert run("check", "--update-baseline").code == 0
    found = run("check")
    assert (found.code, found.err) == (0, "")
    assert found.out.endswith("2 targets: 16 pass\n")


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
    workflow = shown("jobs", "audit without the action")
    github = [step.get("run", "") for step in workflow["jobs"]["audit"]["steps"]]
    text = "\n".join([*github, *shown("audit")["audit"]["script"]])
    text = re.sub(r"\$(GITHUB_BASE_REF|CI_MERGE_REQUEST_TARGET_BRANCH_NAME)", "main", text)
    lines = text.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("lrac-audit ")]
    assert len(commands) == 2
    assert [run(*words).code for words in commands] == [0, 0]
    longer = Path("designs", "codec.yaml").read_text(encoding="utf-8")
    longer = longer.replace("channels: 8, kernel: 7", "channels: 8, kernel: 27")
    Path("designs", "codec.yaml").write_text(longer, encoding="utf-8")  # 1.1 % more
    assert [run(*words).code for words in commands] == [1, 1]
    for reports in shown("audit")["audit"]["artifacts"]["reports"].values():
        assert (repository / reports).exists()


def test_the_workflow_gives_inputs_and_reads_outputs_that_the_action_has() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = shown("jobs", "audit")["jobs"]["audit"]["steps"]
    (used,) = (step for step in steps if "/lrac-audit@" in step.get("uses", ""))
    assert used["with"].keys() <= action["inputs"].keys()
    required = {name for name, about in action["inputs"].items() if about.get("required")}
    assert required <= used["with"].keys()
    read = re.findall(rf"steps\.{used['id']}\.outputs\.(\w+)", str(steps))
    assert read and set(read) <= action["outputs"].keys()


@pytest.mark.parametrize(
    ("schema", "tree"),
    [
        ("github-actions", yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))),
        ("github-workflows", shown("jobs", "audit")),
        ("github-workflows", shown("jobs", "audit without the action")),
        ("gitlab-ci", {"audit": shown("audit")["audit"]}),
    ],
)
def test_what_is_to_be_copied_keeps_the_public_schemas(schema: str, tree: dict[str, Any]) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    file = resources.files("check_jsonschema.builtin_schemas.vendor") / f"{schema}.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    data = {("on" if key is True else key): value for key, value in tree.items()}
    validator = jsonschema.validators.validator_for(content)(content)
    assert [error.message for error in validator.iter_errors(data)] == []


def test_pre_commit_reads_the_hooks_and_the_configuration(tmp_path: Path) -> None:
    client = pytest.importorskip("pre_commit.clientlib", reason="pre-commit is not installed")
    manifest = client.load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert [hook["id"] for hook in manifest] == list(HOOKS)
    configuration = tmp_path / "configuration.yaml"
    configuration.write_text(yaml.safe_dump(shown("repos")), encoding="utf-8")
    (repository,) = client.load_config(str(configuration))["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == list(HOOKS)


@pytest.mark.sweep
def test_pre_commit_runs_the_hook(run: Run, repository: Path) -> None:
    """pre-commit itself installs this repository's hook, from the package index, and runs it."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    copy = repository / "the auditor"
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignored)
    about = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "hooks"]):
        subprocess.run(["git", *about, *words], cwd=copy, check=True, capture_output=True)
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(copy), "lrac-audit-check"]
    command += ["--files", "designs/codec.yaml", "--verbose"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(repository / "pre-commit's files")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    text = Path("designs", "codec.yaml").read_text(encoding="utf-8")
    longer = text.replace("channels: 8, kernel: 7", "channels: 8, kernel: 99")
    Path("designs", "codec.yaml").write_text(longer, encoding="utf-8")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "overall_mflops" in done.stdout
