"""Every command and snippet in the documentation does what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lrac_audit import audit
from lrac_audit.design.native import read_design
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.limits.limit_set import parse_limits
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Each ``$ command`` of the README with the output printed under it."""
    found = []
    for block in blocks(README, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


PROGRAMS = {"lrac-audit": "lrac_audit", "lrac-codec": "reference_models"}


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    environment = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"}
    return subprocess.run(
        [sys.executable, "-m", PROGRAMS[words[0]], *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": str(ROOT)},
    )


def test_console_sessions_print_what_the_readme_shows(tmp_path: Path) -> None:
    """One after the other in one folder, since a command may use what an earlier one wrote."""
    assert len(sessions()) == 8
    for command, output in sessions():
        done = run(command, tmp_path)
        assert done.stderr == "", command
        parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", output, flags=re.MULTILINE)]
        assert re.fullmatch(r"(?:.*\n)*".join(parts), done.stdout), (command, done.stdout)


def test_gate_command_of_the_readme(tmp_path: Path) -> None:
    commands = [line for block in blocks(README, "bash") for line in block.splitlines()]
    gates = [line for line in commands if line.startswith("lrac-audit check ")]
    assert len(gates) == 1
    assert run(gates[0], tmp_path).returncode == 0
    assert (tmp_path / "audit.xml").exists()


def test_codec_commands_of_the_readme(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 24_000)
    soundfile.write(tmp_path / "speech.wav", noise, 24_000)
    commands = [line for block in blocks(README, "bash") for line in block.splitlines()]
    commands = [line for line in commands if line.startswith("lrac-codec ")]
    assert len(commands) == 6
    for command in commands:
        done = run(command, tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), command
    (shown,) = blocks(README, "text")
    assert shown in done.stdout  # the delays that the stream measured
    assert soundfile.info(tmp_path / "decoded.wav").frames == 24_000


def test_set_up_commands_are_those_that_ci_runs() -> None:
    commands = [line for block in blocks(README, "bash") for line in block.splitlines()]
    install, test = (line for line in commands if line.startswith("python3 -m venv"))
    assert install.endswith(".venv/bin/lrac-audit audit track1")
    ran = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert {install, test} <= set(ran)


def test_commands_of_the_sheets_page(tmp_path: Path) -> None:
    page = (ROOT / "docs/sheets.md").read_text(encoding="utf-8")
    commands = [line for block in blocks(page, "bash") for line in block.splitlines()]
    assert len(commands) == 9
    for command in commands[:4] + commands[6:]:
        assert run(command, tmp_path).returncode == 0, command
    (tmp_path / "kept").mkdir()
    for command in commands[4:6]:
        assert run(command, tmp_path / "kept").returncode == 0, command


def test_python_snippets_run() -> None:
    codec_page = (ROOT / "docs/codec.md").read_text(encoding="utf-8")
    targets_page = (ROOT / "docs/targets.md").read_text(encoding="utf-8")
    pages = README, codec_page, targets_page
    snippets = [snippet for page in pages for snippet in blocks(page, "python")]
    assert len(snippets) == 3
    for snippet in snippets:
        done = subprocess.run(
            [sys.executable, "-c", snippet], cwd=ROOT, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_limits_file_of_the_readme() -> None:
    (text,) = blocks(README, "yaml")
    verdict = audit("track1", limits=parse_limits(parse_yaml(text, "README"), "README")).verdict
    broken = [check.id for check in verdict.checks if check.status == "fail"]
    assert broken == ["overall_mflops", "receive_mflops", "total_latency_ms"]


def test_design_of_the_format_page() -> None:
    (text,) = blocks((ROOT / "docs/design-format.md").read_text(encoding="utf-8"), "yaml")
    design = read_design(parse_yaml(text, "page"), "page")
    assert (design.hop_samples, design.latent_dim, design.frame_rate_hz) == (240, 48, 100)
    assert audit(design).verdict.limits.name == "lrac-2025-track1"


def test_every_field_of_the_json_document_is_described() -> None:
    page = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    document = audit("track1").document()

    def names(tree: object) -> set[str]:
        if isinstance(tree, dict):
            return set(tree).union(*(names(value) for value in tree.values()))
        return set().union(*(names(item) for item in tree[:1])) if isinstance(tree, list) else set()

    dtypes = {"float32", "float16", "int8"}
    found = names(document) - dtypes - set(document["other_conventions"])
    assert {name for name in found if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link
