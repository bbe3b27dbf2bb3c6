"""What a shell is offered when a user presses the tabulator."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

import lrac_audit.cli.main
import reference_models.cli.main
from tests.conftest import ROOT

PACKAGES = {"lrac-audit": "lrac_audit", "lrac-codec": "reference_models"}
PROGRAMS = {
    "lrac-audit": lrac_audit.cli.main.main,
    "lrac-codec": reference_models.cli.main.main,
}


def request(words: str) -> dict[str, str]:
    """The variables by which bash asks the program for the last of ``words``."""
    program = words.split()[0]
    return {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        f"_{program.replace('-', '_').upper()}_COMPLETE": "complete_bash",
    }


@pytest.fixture
def offered(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[[str], list[str]]:
    """What the program, run in this process, offers bash for the last of some words."""

    def offered(words: str) -> list[str]:
        for name, value in request(words).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            PROGRAMS[words.split()[0]]([])
        out, err = capfd.readouterr()
        assert (ended.value.code, err) == (0, "")
        return out.split()

    return offered


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("lrac-audit au", ["audit"]),
        ("lrac-audit audit tr", ["track1", "track2"]),
        ("lrac-audit check track1 track2", ["track2"]),
        ("lrac-audit audit track1 --limits lrac", ["lrac-2025-track1", "lrac-2025-track2"]),
        ("lrac-audit check track1 --convention lrac-2025-", ["lrac-2025-no-search"]),
        ("lrac-audit check track1 --format j", ["json", "junit"]),
        ("lrac-audit sheet track1 -f ", ["xlsx", "csv", "markdown", "html"]),
        ("lrac-audit audit track1 --rvq ", ["absorbed", "projected"]),
        ("lrac-audit audit track1 --conv", ["--convention"]),
        ("lrac-audit codecs --m", ["--measured"]),
        ("lrac-audit reconcile track1 --stage rvq", ["rvq_transmit", "rvq_receive"]),
        ("lrac-codec en", ["encode"]),
        ("lrac-codec init --design tr", ["track1", "track2"]),
        ("lrac-codec init --design dac", ["dac-16khz", "dac-24khz", "dac-44khz"]),
        ("lrac-codec data hold", ["hold-out"]),
        ("lrac-codec evaluate --metric scor", ["scoreq_ref"]),
        ("lrac-codec stream --format j", ["json"]),
        ("lrac-codec train --configuration tr", ["track1", "track2", "trial"]),
    ],
)
def test_names_are_offered(
    words: str, names: list[str], offered: Callable[[str], list[str]]
) -> None:
    assert offered(words) == names


def test_a_file_is_left_to_the_shell(offered: Callable[[str], list[str]]) -> None:
    assert offered("lrac-audit audit ./my") == []


@pytest.mark.parametrize(
    ("words", "name"), [("lrac-audit au", "audit"), ("lrac-codec en", "encode")]
)
def test_a_process_of_its_own_offers_names(words: str, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", PACKAGES[words.split()[0]]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | request(words),
    )
    assert (done.stdout.split(), done.stderr) == ([name], "")


def test_the_script_for_a_shell_is_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lrac_audit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"_LRAC_AUDIT_COMPLETE": "source_zsh"},
    )
    assert "#compdef __main__.py" in done.stdout or "#compdef lrac-audit" in done.stdout
