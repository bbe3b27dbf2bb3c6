"""A project's own configuration, which ``check`` reads where it is given no target."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lrac_audit.design.yaml_source import MAX_FILE_BYTES
from tests.conftest import Result

Run = Callable[..., Result]
LATER = ("channels: 8, kernel: 7", "channels: 8, kernel: 9")
"""Two taps more in the first layer of Track 1: 2 x 8 products at 24 kHz, 0.768 MFLOPS."""
OWN_LIMITS = "name: own\nconvention: lrac-2025\noverall_mflops: 691\n"


@pytest.fixture
def project(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with designs of both tracks, and stand in a folder deep inside it."""
    (tmp_path / "designs").mkdir()
    (tmp_path / "source" / "deep").mkdir(parents=True)
    for name in ("track1", "track2"):
        run("convert", name, tmp_path / "designs" / f"{name}.yaml")
    monkeypatch.chdir(tmp_path / "source" / "deep")
    return tmp_path


def configure(project: Path, text: str, name: str = "lrac-audit.yaml") -> None:
    (project / name).write_text(text, encoding="utf-8")


def records(found: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.out)))


def rows(found: Result) -> list[tuple[str, ...]]:
    fields = ("target", "rvq", "bitrate_kbps", "limits", "convention", "verdict")
    return [tuple(row[field] for field in fields) for row in records(found)]


CONFIGURATIONS = {
    "lrac-audit.yaml": "targets: entries\n",
    "pyproject.toml": '[tool.lrac-audit]\ntargets = ["entries/*.yaml"]\n',
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_batch_with_bad_files_from_inside_the_project(run: Run, project: Path, name: str) -> None:
    """Of twenty entries, one has a typo, one is no YAML, and one names limits that are not."""
    text = (project / "designs" / "track1.yaml").read_text(encoding="utf-8")
    (project / "entries").mkdir()
    texts = [text] * 20
    texts[4] = text.replace("sample_rate_hz: 24000", "sample_rate_hz: fast")
    texts[11] = "{"
    texts[19] = text.replace("limits: lrac-2025-track1", "limits: none")
    for n, content in enumerate(texts):
        (project / "entries" / f"{n:02}.yaml").write_text(content, encoding="utf-8")
    configure(project, CONFIGURATIONS[name], name)
    found = run("check", "--summary", "-f", "csv")
    assert found.code == 2
    by_verdict: dict[str, list[str]] = {}
    for row in records(found):
        by_verdict.setdefault(row["verdict"], []).append(row["target"])
    bad = [f"entries/{n}.yaml" for n in ("04", "11", "19")]
    assert by_verdict == {
        "pass": [f"entries/{n:02}.yaml" for n in range(19) if n not in (4, 11)],
        "error": bad,
    }
    errors = found.err.splitlines()
    assert len(errors) == 3
    for line, target in zip(errors, bad, strict=True):
        assert line.startswith(f"error: {target}:")


def test_every_combination_of_the_terms_is_judged(run: Run, project: Path) -> None:
    configure(
        project,
        """
targets: [designs/track1.yaml]
limits: [lrac-2025-track1, own.yaml]
conventions: [lrac-2025, macs]
rvq: [absorbed, projected]
bitrates_kbps: [1, 6]
""",
    )
    configure(project, OWN_LIMITS, "own.yaml")
    found = run("check", "--summary", "-f", "csv")
    terms = [
        ("designs/track1.yaml", form, kbps, limits, convention)
        for form in ("absorbed", "projected")
        for kbps in ("1.0", "6.0")
        for limits in ("lrac-2025-track1", "own")
        for convention in ("lrac-2025", "macs")
    ]
    # Absorbed with one layer, Track 1 costs 677.1456 MFLOPS, with six 691.3536; projected,
    # 677.9136 and 695.9616.
    over = {(form, "6.0", "own") for form in ("absorbed", "projected")}
    assert rows(found) == [
        (*each, "fail" if (each[1], each[2], each[3]) in over else "pass") for each in terms
    ]
    assert found.code == 1
    screen = run("check")
    assert "own, macs" in screen.out.splitlines()[0]
    assert screen.out.endswith("1 target: 12 pass, 4 fail\n")


def test_options_stand_in_place_of_what_is_configured(run: Run, project: Path) -> None:
    configure(project, "targets: designs\nlimits: lrac-2025-track1\nrvq: projected\n")
    found = run("check", "--summary", "-f", "csv")
    assert [(row[1], row[3], row[5]) for row in rows(found)] == [
        ("projected", "lrac-2025-track1", "pass"),
        ("projected", "lrac-2025-track1", "fail"),
    ]
    own = Path("own.yaml")
    own.write_text(OWN_LIMITS, encoding="utf-8")
    words = ("--limits", own, "--rvq", "absorbed", "--convention", "macs", "--bitrate", "1")
    found = run("check", *words, "--summary", "-f", "csv")
    assert rows(found)[0] == (
        "designs/track1.yaml", "absorbed", "1.0", "own", "macs", "pass",
    )  # fmt: skip


def test_a_named_file_is_read_beside_targets(run: Run, project: Path) -> None:
    configure(project, "targets: designs\nrvq: projected\n", "gate.yaml")
    file, target = Path("../../gate.yaml"), Path("../../designs/track2.yaml")
    found = run("check", target, "track1", "--config", file, "--summary", "-f", "csv")
    assert [row[:2] for row in rows(found)] == [
        ("designs/track2.yaml", "projected"),
        ("track1", "projected"),
    ]


def test_outputs_are_written_where_the_user_stands(run: Run, project: Path) -> None:
    configure(project, "targets: designs\n")
    assert run("check", "-f", "json=here.json", "-f", "csv", "-o", "here.csv").code == 0
    assert {path.name for path in Path().iterdir()} == {"here.json", "here.csv"}
    targets = json.loads(Path("here.json").read_text(encoding="utf-8"))["targets"]
    assert [each["design"]["source"] for each in targets] == [
        f"designs/track{n}.yaml" for n in (1, 2)
    ]


def increases(found: Result) -> dict[str, str]:
    return {r["check"]: r["status"] for r in records(found) if r["check"].endswith("_increase")}


@pytest.fixture
def grown(run: Run, project: Path) -> Path:
    """Return a project whose design needs 0.768 MFLOPS more than its baseline."""
    configure(project, "targets: designs/track1.yaml\nbaseline: audited.json\n")
    assert run("check", "--update-baseline").code == 0
    assert (project / "audited.json").exists()
    path = project / "designs" / "track1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(*LATER), encoding="utf-8")
    return project


def test_a_baseline_is_relative_to_the_file(run: Run, grown: Path) -> None:
    found = run("check", "-f", "csv")
    assert found.code == 1
    assert increases(found)["overall_mflops_increase"] == "fail"


@pytest.mark.parametrize(
    ("in_project", "in_limits", "option", "code"),
    [
        (None, "0.767", None, 1),
        (None, "0.768", None, 0),
        ("0.767", "1", None, 1),  # the project's stand in place of those of the limits
        ("0.2%", "0", None, 0),
        ("0.767", "0", "0.768", 0),  # and the option in place of both
        ("1", "1", "0.767", 1),
    ],
)
def test_budgets(
    run: Run, grown: Path, in_project: str | None, in_limits: str, option: str | None, code: int
) -> None:
    limits = OWN_LIMITS.replace("691", "700")
    configure(grown, f"{limits}max_increase: {{overall_mflops: {in_limits}}}\n", "own.yaml")
    text = "targets: designs/track1.yaml\nbaseline: audited.json\nlimits: own.yaml\n"
    budget = f"max_increase: {{overall_mflops: {in_project}}}\n" if in_project else ""
    configure(grown, text + budget)
    words = () if option is None else ("--max-increase", f"overall_mflops={option}")
    found = run("check", *words, "-f", "csv")
    assert list(increases(found)) == ["overall_mflops_increase"]
    assert found.code == code


def test_a_baseline_of_several_terms_is_held_to_on_each(run: Run, project: Path) -> None:
    configure(
        project,
        "targets: designs\nbaseline: audited.json\nrvq: [absorbed, projected]\n"
        "conventions: [lrac-2025, macs]\n",
    )
    run("check", "--update-baseline")
    found = run("check", "--checks", "-f", "csv")
    overall = [row for row in records(found) if row["check"] == "overall_mflops_increase"]
    assert [row["value"] for row in overall] == ["0"] * 8


def test_a_bad_target_leaves_the_baseline_as_it_is(run: Run, grown: Path) -> None:
    before = (grown / "audited.json").read_bytes()
    text = "targets: [designs/track1.yaml, designs/none.yaml]\nbaseline: audited.json\n"
    configure(grown, text)
    assert run("check", "--update-baseline").code == 2
    assert (grown / "audited.json").read_bytes() == before


def test_the_nearest_configuration_is_taken(run: Run, project: Path) -> None:
    configure(project, "targets: designs/track2.yaml\n")
    configure(project / "source", "[tool.other]\nx = 1\n", "pyproject.toml")
    assert {row["target"] for row in records(run("check", "-f", "csv"))} == {"designs/track2.yaml"}
    configure(project / "source", "targets: ../designs/track1.yaml\n")
    found = run("check", "-f", "csv")
    assert {row["target"] for row in records(found)} == {"../designs/track1.yaml"}


def test_nothing_is_sought_outside_the_repository(run: Run, project: Path) -> None:
    configure(project, "targets: designs\n")
    (project / "source" / ".git").mkdir()
    found = run("check")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "error: options: TARGET: given none, and no configuration in this folder or above it; "
        "allowed: targets, as in `lrac-audit check designs`, or a project's file lrac-audit.yaml, "
        "which may be one line: `targets: designs`\n"
    )


def test_two_configurations_in_one_folder_are_refused(run: Run, project: Path) -> None:
    for name, text in CONFIGURATIONS.items():
        configure(project, text, name)
    found = run("check")
    assert (found.code, found.out) == (2, "")
    (line,) = found.err.splitlines()
    assert f"{project / 'pyproject.toml'} and {project / 'lrac-audit.yaml'}; allowed: one" in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "given None; allowed: a mapping"),
        ("limits: lrac-2025-track1", "targets: given nothing; allowed: a name or a path"),
        ("targets: []", ":1: targets: given 0 entries; allowed: 1 to 10000 entries"),
        ("targets: [a, a]", ":1: targets: given ['a', 'a']; allowed: different entries"),
        ("targets: a\nlimit: x", ":2: limit: given an unknown key; allowed: one of targets, lim"),
        ("targets: a\nconvention: x", "did you mean conventions?"),
        ("targets: a\nrvq: [projected, absorb]", ":2: rvq[1]: given 'absorb'; allowed: one of "),
        ("targets: a\nbitrates_kbps: [6, 0]", ":2: bitrates_kbps[1]: given 0; allowed: a positi"),
        ("targets: a\nmax_increase: {overall: 1%}", "did you mean overall_mflops?"),
        ("targets: a\nmax_increase:\n  overall_mflops: -1", ":3: max_increase.overall_mflops: gi"),
        ("targets: a\nmax_increase: {overall_mflops: 1 %}", "given '1 %'; allowed: a number from"),
        ("targets: a\nmax_increase: {overall_mflops: true}", "given True; allowed: a number from"),
        ("targets: a\nbaseline: [x]", ":2: baseline: given ['x']; allowed: a name or a path"),
        ("targets: a\nlimits: nowhere.yaml", "given no such limit set: 'nowhere.yaml'; allowed:"),
        ("targets: &a [*a]", "the alias 'a'"),
        ("targets: !!python/object:os.system x", "the tag 'tag:yaml.org,2002:python/object"),
        ("targets: " + "[" * 50 + "]" * 50, "deeper nesting; allowed: at most 32 levels"),
        ("targets: " + "a" * 2000, ":1: targets: given 'aaaa"),
        ("targets: a\n#" + "x" * MAX_FILE_BYTES, "bytes, too many for YAML; allowed: "),
        ("{", "allowed: valid YAML"),
    ],
)
def test_a_bad_file_is_one_message(run: Run, project: Path, text: str, message: str) -> None:
    configure(project, text)
    found = run("check")
    assert (found.code, found.out) == (2, "")
    (line,) = found.err.splitlines()
    assert line.startswith("error: ")
    assert message in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.lrac-audit", "pyproject.toml: given no TOML: "),
        ("x = " + "[" * 5000 + "]" * 5000, "pyproject.toml: given no TOML: "),
        ("[tool]\nlrac-audit = 3", "pyproject.toml: [tool.lrac-audit]: given 3; allowed: a mappi"),
        ("[tool.lrac-audit]\ntargets = 2026-01-01", "[tool.lrac-audit]: targets: given datetime"),
        ("[tool.lrac-audit]\ntarget = 'x'\ntargets = 'y'", "target: given an unknown key; allow"),
        ("#" + "x" * MAX_FILE_BYTES, "a larger file; allowed: at most"),
    ],
)
def test_a_bad_pyproject_is_one_message(run: Run, project: Path, text: str, message: str) -> None:
    configure(project, text, "pyproject.toml")
    found = run("check")
    assert (found.code, found.out) == (2, "")
    (line,) = found.err.splitlines()
    assert message in line


def test_no_toml_is_binary(run: Run, project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b"\xff\xfe\x00")
    found = run("check")
    assert found.code == 2
    assert "given no TOML: " in found.err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.yaml", "a path that fails: No such file or directory"),
        (".", "given a folder; allowed: a regular file"),
        ("other.toml", "no table [tool.lrac-audit]; allowed: a file with [tool.lrac-audit], or a"),
    ],
)
def test_a_named_file_must_hold_a_configuration(
    run: Run, project: Path, name: str, message: str
) -> None:
    Path("other.toml").write_text("[tool.other]\n", encoding="utf-8")
    found = run("check", "track1", "--config", name)
    assert (found.code, found.out) == (2, "")
    assert message in found.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(run: Run, project: Path) -> None:
    os.mkfifo(project / "lrac-audit.yaml")
    assert "given a device or a pipe; allowed: a regular file" in run("check").err


def test_nothing_else_reads_it(run: Run, project: Path) -> None:
    configure(project, "targets: [")
    assert run("check", "track1").code == 0
    assert run("audit", "track1").code == 0
    assert run("compare", "track1", "track2").code == 0


def test_a_factory_is_found_beside_the_file(run: Run, project: Path) -> None:
    configure(project, "def make():\n    raise RuntimeError('no weights here')\n", "own_codec.py")
    configure(project, "targets: ['python:own_codec:make', designs/track1.yaml]\n")
    found = run("check", "--summary", "-f", "csv")
    assert [row["verdict"] for row in records(found)] == ["pass", "error"]
    assert "no weights here" in found.err


def test_a_codec_is_measured_once_for_all_judgements(run: Run, project: Path) -> None:
    """Its quantizer has no form to choose, and limits and conventions need no other measurement."""
    code = "def make():\n    with open('made', 'a') as file:\n        file.write('x')\n    1 / 0\n"
    configure(project, code, "counted_codec.py")
    configure(
        project,
        "targets: python:counted_codec:make\nrvq: [absorbed, projected]\n"
        "limits: [lrac-2025-track1, lrac-2025-track2]\nconventions: [macs, lrac-2025]\n",
    )
    found = run("check")
    assert (found.code, len(found.err.splitlines())) == (2, 1)
    assert (project / "made").read_text() == "x"


def test_limits_that_are_given_stand_in_place_of_those_of_a_design(run: Run, project: Path) -> None:
    path = project / "designs" / "track1.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("limits: lrac-2025-track1", "limits: gone"), encoding="utf-8")
    assert run("check", path).code == 2
    limits = ("--limits", "lrac-2025-track1", "--limits", "lrac-2025-track2")
    assert run("check", path, *limits, "--convention", "macs").code == 0
