"""No command writes over its input, writes one file twice, or works before it finds no folder."""

import os
import threading
from pathlib import Path

import pytest

from lrac_audit.cli.main import main
from lrac_audit.design.formats import load_design
from lrac_audit.design.native import write_design


@pytest.fixture
def design(tmp_path):
    path = tmp_path / "my codec.yaml"
    path.write_text(write_design(load_design("track1").design))
    return path


def refused(arguments, capsys, message):
    assert main([str(one) for one in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"error: {message}\n"


OVERWRITING = [
    ("audit", "{0}", "-o", "{0}"),
    ("audit", "{0}", "-f", "json={0}"),
    ("check", "track1", "{0}", "-f", "junit={0}", "-f", "table"),
    ("compare", "track1", "{0}", "--output", "{0}"),
    ("sensitivity", "{0}", "-o", "{0}"),
    ("solve", "{0}", "--grow", "*.channels", "-f", "json={0}"),
    ("reconcile", "{0}", "--stage", "decoder", "--published", "3", "-o", "{0}"),
    ("sheet", "{0}", "-f", "csv={0}"),
    ("audit", "track1", "--limits", "{0}", "-o", "{0}"),
    ("check", "track1", "--baseline", "{0}", "-f", "json={0}"),
]


@pytest.mark.parametrize("words", OVERWRITING, ids=" ".join)
def test_no_input_is_written_over(design, capsys, words):
    before = design.read_bytes()
    message = f"{design}: given the input as the output; allowed: another file than the input"
    refused([word.format(design) for word in words], capsys, message)
    assert design.read_bytes() == before


@pytest.mark.parametrize("target", [".", "*.yaml", "my*"])
def test_no_design_of_a_folder_or_pattern_is_written_over(design, capsys, target, monkeypatch):
    monkeypatch.chdir(design.parent)
    before = design.read_bytes()
    message = f"{design}: given the input as the output; allowed: another file than the input"
    refused(["check", target, "-f", "table", "-f", f"json={design.name}"], capsys, message)
    assert design.read_bytes() == before
    assert main(["check", target, "--format", "json=verdict.json"]) == 0
    assert main(["check", target, "--format", "json=verdict.json"]) == 0  # an old report is none


def test_no_design_of_a_configuration_elsewhere_is_written_over(design, capsys, monkeypatch):
    config = design.with_name("project.yaml")
    config.write_text("targets: [my codec.yaml]\nlimits: [lrac-2025-track1]\n")
    elsewhere = design.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    before = design.read_bytes()
    given = "given the input as the output; allowed: another file than the input"
    message = f"{elsewhere}/../my codec.yaml: {given}"
    refused(["check", "--config", config, "-o", "../my codec.yaml"], capsys, message)
    assert design.read_bytes() == before


def test_another_name_of_the_input_is_the_input(design, capsys):
    link = design.with_name("link.yaml")
    link.hardlink_to(design)
    message = f"{link}: given the input as the output; allowed: another file than the input"
    refused(["audit", design, "-o", link], capsys, message)


@pytest.mark.parametrize("second", ["{0}", "{1}/./out"])
def test_two_outputs_are_two_files(tmp_path, capsys, second):
    out = tmp_path / "out"
    other = second.format(out, tmp_path)
    words = ["audit", "track1", "-f", f"json={out}", "-f", f"csv={other}"]
    refused(words, capsys, f"{out}: given one file for two outputs; allowed: another file for each")
    assert not out.exists()


def test_a_missing_folder_is_found_before_the_work(tmp_path, capsys):
    """The target, which is no file, is not looked at any more."""
    out = tmp_path / "nowhere" / "out"
    reason = (
        "given a path that fails: No such file or directory; allowed: a file that can be written"
    )
    refused(["audit", "no such target", "-o", out], capsys, f"{out}: {reason}")


@pytest.mark.parametrize("command", ["check", "explore"])
def test_a_workbook_needs_a_file(capsys, command):
    space = ["--vary", "encoder.input.kernel=3,5", "--objective", "parameters"]
    words = [command, "track1", "-f", "xlsx", *(space if command == "explore" else [])]
    refused(
        words,
        capsys,
        "options: --output: given none for xlsx; allowed: a file, such as -o design.xlsx",
    )


def test_a_dash_is_standard_output(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["audit", "track1", "-f", "csv"]) == 0
    expected = capsys.readouterr().out
    assert main(["audit", "track1", "-f", "csv=-"]) == 0
    assert capsys.readouterr().out == expected
    assert main(["audit", "track1", "-f", "csv", "-o", "-"]) == 0
    assert capsys.readouterr().out == expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="needs file descriptors as files")
def test_an_open_pipe_is_written_by_its_name(capsys):
    """As `-o >(less)` of a shell, whose name is a link to what is no path."""
    reading, writing = os.pipe()
    read = []
    with os.fdopen(reading) as source:
        reader = threading.Thread(target=lambda: read.append(source.read()))
        reader.start()
        try:
            code = main(["audit", "track1", "-o", f"/dev/fd/{writing}"])
        finally:
            os.close(writing)
            reader.join()
    assert (code, capsys.readouterr().err) == (0, "")
    assert read[0].startswith("LRAC 2025 Track 1 baseline\n")
