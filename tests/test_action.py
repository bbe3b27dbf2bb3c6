"""The GitHub action: its steps, run by their shell in a scratch repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from lrac_audit import audit
from lrac_audit.presets import preset_path
from tests.conftest import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
CHECK, FETCH, INSTALL, VERDICT = (
    "Check",
    "Fetch the base branch",
    "Install",
    "Let the verdict decide",
)
INPUT = "channels: 8, kernel: 7"
SHELL = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""The command line of GitHub's runners for ``shell: bash``."""

needs_shell = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("git") is None, reason="bash or git is missing"
)


def step(name: str) -> dict[str, Any]:
    return next(each for each in STEPS if each["name"] == name)


def test_no_input_is_pasted_into_a_script() -> None:
    """What a runner puts in place of an expression would be run as a part of the script."""
    for each in STEPS:
        assert "${{" not in each.get("run", ""), each["name"]


def test_every_input_and_output_is_used_and_documented() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for name, about in ACTION["inputs"].items():
        assert f"inputs.{name}" in text, name
        assert about["description"] and (about.get("required") or "default" in about), name
        assert f"`{name}`" in page, name
    written = set(re.findall(r'echo "([a-z-]+)=', step(CHECK)["run"]))
    for name, about in ACTION["outputs"].items():
        assert about["value"] == f"${{{{ steps.check.outputs.{name} }}}}"
        assert name in written
        assert f"`{name}`" in page, name


class Ran(NamedTuple):
    """What one step left behind."""

    code: int
    out: str
    outputs: Mapping[str, str]


class Runner:
    """Runs the steps of the action as a runner of GitHub does."""

    def __init__(self, workspace: Path, temporary: Path, base: str = "") -> None:
        self._workspace = workspace
        self._temporary = temporary
        self._base = base
        self.summary = temporary / "summary.md"

    def run(self, name: str, outputs: Mapping[str, str] | None = None, **inputs: str) -> Ran:
        values = {f"inputs.{key}": str(about.get("default", "")) for key, about in _inputs()}
        values |= {f"inputs.{key.replace('_', '-')}": text for key, text in inputs.items()}
        values |= {"github.base_ref": self._base, "github.action_path": str(ROOT)}
        values |= {f"steps.check.outputs.{key}": text for key, text in (outputs or {}).items()}
        written = self._temporary / "output.txt"
        written.write_text("", encoding="utf-8")
        script = self._temporary / "step.sh"
        script.write_text(step(name)["run"], encoding="utf-8")
        done = subprocess.run(
            [*SHELL, str(script)],
            cwd=self._workspace,
            env={**self._environment(written), **_filled(step(name)["env"], values)},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        lines = written.read_text(encoding="utf-8").splitlines()
        return Ran(done.returncode, done.stdout, dict(line.split("=", 1) for line in lines))

    def _environment(self, written: Path) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            **os.environ,
            "PATH": path,
            "RUNNER_TEMP": str(self._temporary),
            "GITHUB_OUTPUT": str(written),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }


def _inputs() -> Any:
    return ACTION["inputs"].items()


def _filled(env: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a step, with the values of their expressions."""
    found = {}
    for name, text in env.items():
        match = re.fullmatch(r"\$\{\{ ([a-z_.-]+) \}\}", text)
        assert match is not None, text
        found[name] = values[match[1]]
    return found


def git(folder: Path, *words: str) -> None:
    about = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *about, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a clone of a repository with two commits, of which only the last is there.

    The branch's design has 20 taps more of 8 products at 24 kHz, 7.68 MFLOPS of 691.4, than main's.
    """
    origin = tmp_path / "origin"
    (origin / "my designs").mkdir(parents=True)
    design = origin / "my designs" / "a codec.yaml"
    text = preset_path("track1").read_text(encoding="utf-8")
    git(origin, "init", "-q", "-b", "main")
    for branch, kernel in (("main", 7), ("longer", 27)):
        if branch != "main":
            git(origin, "checkout", "-q", "-b", branch)
        written = text.replace(INPUT, f"channels: 8, kernel: {kernel}")
        design.write_text(written, encoding="utf-8")
        git(origin, "add", ".")
        git(origin, "commit", "-q", "-m", branch)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=longer", origin.as_uri(), str(clone))
    return clone


@pytest.fixture
def runner(workspace: Path, tmp_path: Path) -> Runner:
    temporary = tmp_path / "runner's files"
    temporary.mkdir()
    return Runner(workspace, temporary, base="main")


@needs_shell
def test_a_pull_request_is_held_to_its_base(runner: Runner) -> None:
    fetched = runner.run(FETCH)
    assert fetched.code == 0
    found = runner.run(CHECK, targets="my designs")
    assert (found.code, found.outputs["verdict"]) == (0, "fail")
    document = json.loads(Path(found.outputs["json"]).read_text(encoding="utf-8"))
    assert document["exit_code"] == 1
    log = json.loads(Path(found.outputs["sarif"]).read_text(encoding="utf-8"))
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == "overall_mflops_increase"
    comment = Path(found.outputs["comment"]).read_text(encoding="utf-8")
    assert "## Change since origin/main" in comment
    assert "| overall | MFLOPS | 691.3536 | 699.0336 | +7.68 | +1.1 |" in comment
    assert "| encoder.input | 1\\>8 k7 -\\> 1\\>8 k27 |" in comment
    assert "::error file=my designs/a codec.yaml,line=11,title=" in found.out
    assert "Change since origin/main" in runner.summary.read_text(encoding="utf-8")
    assert runner.run(VERDICT, found.outputs).code == 1


@needs_shell
def test_budgets_may_allow_the_increase(runner: Runner) -> None:
    runner.run(FETCH)
    budgets = "overall_mflops=2%\n\nreceive_mflops=0\n"
    found = runner.run(CHECK, targets="my designs/a codec.yaml\r\n", max_increase=budgets)
    assert found.outputs["verdict"] == "pass"
    assert runner.run(VERDICT, found.outputs).code == 0


@needs_shell
@pytest.mark.parametrize(
    ("inputs", "verdict", "code"),
    [
        ({"targets": "my designs\ntrack2", "baseline": "none"}, "pass", 0),
        ({"targets": "track1", "baseline": "none", "options": "--rvq=projected"}, "pass", 0),
        ({"targets": "track2", "baseline": "none", "options": "--rvq=projected"}, "fail", 1),
        ({"targets": "track2", "baseline": "none", "limits": "lrac-2025-track1"}, "fail", 1),
        ({"targets": "no such folder", "baseline": "none"}, "error", 2),
    ],
)
def test_verdicts(runner: Runner, inputs: dict[str, str], verdict: str, code: int) -> None:
    found = runner.run(CHECK, **inputs)
    assert (found.code, found.outputs["verdict"]) == (0, verdict)
    assert Path(found.outputs["comment"]).exists()
    assert ("json" in found.outputs) == ("sarif" in found.outputs) == (verdict != "error")
    assert runner.run(VERDICT, found.outputs).code == code


@needs_shell
def test_several_limit_sets_are_lines(runner: Runner) -> None:
    limits = "lrac-2025-track1\nlrac-2025-track2\n"
    found = runner.run(CHECK, targets="track1", baseline="none", limits=limits)
    document = json.loads(Path(found.outputs["json"]).read_text(encoding="utf-8"))
    judged = [each["limits"]["name"] for each in document["targets"]]
    assert judged == ["lrac-2025-track1", "lrac-2025-track2"]


@needs_shell
def test_evidence_that_is_missing_is_a_verdict_of_its_own(runner: Runner, workspace: Path) -> None:
    document = audit("track1").document()
    document["latency"]["total_ms"] = None
    (workspace / "before.json").write_text(json.dumps(document), encoding="utf-8")
    found = runner.run(CHECK, targets="track1", baseline="before.json")
    assert found.outputs["verdict"] == "incomplete"
    assert runner.run(VERDICT, found.outputs).code == 3


@needs_shell
@pytest.mark.parametrize("name", list(ACTION["inputs"]))
def test_inputs_cannot_run_commands(runner: Runner, workspace: Path, name: str) -> None:
    hostile = "$(touch gotcha)`touch gotcha`; touch gotcha; '; touch gotcha; \"; touch gotcha\n"
    runner.run(CHECK, **{"targets": "track1", "baseline": "none", name.replace("-", "_"): hostile})
    assert not (workspace / "gotcha").exists()


@needs_shell
def test_the_name_of_a_branch_cannot_run_commands(workspace: Path, tmp_path: Path) -> None:
    runner = Runner(workspace, tmp_path, base="$(touch${IFS}gotcha)`touch${IFS}gotcha`")
    assert runner.run(FETCH).code != 0
    assert runner.run(CHECK, targets="my designs").outputs["verdict"] == "error"
    assert not (workspace / "gotcha").exists()


@needs_shell
@pytest.mark.sweep
def test_the_action_installs_itself(tmp_path: Path) -> None:
    """In a new environment: the packages come from the index."""
    copy = tmp_path / "the action"
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignored)
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    program = environment / "bin" / "python"
    filled = _filled(
        step(INSTALL)["env"], {"github.action_path": str(copy), "inputs.verify": "false"}
    )
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    script = step(INSTALL)["run"]
    subprocess.run([*SHELL, "-c", script], env={**os.environ, "PATH": path, **filled}, check=True)
    done = subprocess.run(
        [str(program), "-m", "lrac_audit", "check", "track1"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "track1: pass" in done.stdout


@needs_shell
def test_without_targets_the_configuration_of_the_project_is_checked(
    runner: Runner, workspace: Path
) -> None:
    (workspace / "lrac-audit.yaml").write_text("targets: my designs\n", encoding="utf-8")
    found = runner.run(CHECK, baseline="none")
    assert (found.code, found.outputs["verdict"]) == (0, "pass")
    document = json.loads(Path(found.outputs["json"]).read_text(encoding="utf-8"))
    assert [each["design"]["source"] for each in document["targets"]] == ["my designs/a codec.yaml"]
