"""A gate that holds codecs to an earlier audit: a document, or a revision of git."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Result

Run = Callable[..., Result]
LATER = ("channels: 8, kernel: 7", "channels: 8, kernel: 9")
"""Two taps more in the first layer of Track 1: 2 x 8 products at 24 kHz, 0.768 MFLOPS."""


@pytest.fixture
def design(tmp_path: Path, run: Run) -> Path:
    path = tmp_path / "my codec.yaml"
    run("convert", "track1", path)
    return path


def make_longer(design: Path) -> None:
    design.write_text(design.read_text(encoding="utf-8").replace(*LATER), encoding="utf-8")


def increases(found: Result) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(found.out))
    return {row["check"]: row for row in rows if row["check"].endswith("_increase")}


@pytest.fixture
def document(tmp_path: Path, design: Path, run: Run) -> Path:
    path = tmp_path / "before.json"
    run("audit", design, "-f", f"json={path}")
    return path


def test_what_is_as_before_passes(run: Run, design: Path, document: Path) -> None:
    found = run("check", design, "--baseline", document, "-f", "csv")
    assert found.code == 0
    assert {name: row["value"] for name, row in increases(found).items()} == {
        "overall_mflops_increase": "0",
        "receive_mflops_increase": "0",
        "total_latency_ms_increase": "0",
    }


def test_an_increase_is_a_broken_limit_with_the_layer(
    run: Run, design: Path, document: Path
) -> None:
    make_longer(design)
    found = run("check", design, "--baseline", document)
    lines = found.out.splitlines()
    (check,) = (line.split() for line in lines if "overall_mflops_increase  " in line)
    assert found.code == 1
    assert check[-5:] == ["overall_mflops_increase", "0", "0.768", "-0.768", "fail"]
    said = "to mend overall_mflops_increase: take back encoder.input: +0.768 MFLOPS"
    assert said in " ".join(found.out.split())


@pytest.mark.parametrize(
    ("budget", "code"),
    [
        ("overall_mflops=0.768", 0),
        ("overall_mflops=0.767", 1),
        ("overall_mflops=0.2%", 0),  # of 691.3536, 1.38
        ("overall_mflops=0.1%", 1),  # 0.69
        ("receive_mflops=0", 0),
        ("transmit_stored_bytes=64", 0),  # 16 weights of 4 bytes
        ("transmit_stored_bytes=63", 1),
        ("transmit_state_bytes=8", 0),  # two samples more
        ("transmit_state_bytes=7", 1),
        ("transmit_scratch_bytes=0", 0),
        ("total_latency_ms=0", 0),
    ],
)
def test_budgets(run: Run, design: Path, document: Path, budget: str, code: int) -> None:
    make_longer(design)
    found = run("check", design, "--baseline", document, "--max-increase", budget, "-f", "csv")
    assert found.code == code
    assert list(increases(found)) == [f"{budget.split('=')[0]}_increase"]


def test_less_than_before_is_no_increase(run: Run, design: Path, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    original = design.read_text(encoding="utf-8")
    make_longer(design)
    run("audit", design, "-f", f"json={before}")
    design.write_text(original, encoding="utf-8")
    found = run("check", design, "--baseline", before, "-f", "csv")
    assert found.code == 0
    assert increases(found)["overall_mflops_increase"]["value"] == "-0.768"


def test_a_baseline_is_written_and_then_held_to(run: Run, design: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    targets = (design, "track2")
    written = run("check", *targets, "--baseline", baseline, "--update-baseline", "-f", "csv")
    assert (written.code, increases(written)) == (0, {})
    assert len(json.loads(baseline.read_text(encoding="utf-8"))["targets"]) == 2
    make_longer(design)
    found = run("check", *targets, "--baseline", baseline, "-f", "csv")
    broken = [
        (row["target"], row["check"])
        for row in csv.DictReader(io.StringIO(found.out))
        if row["status"] == "fail"
    ]
    assert (found.code, broken) == (1, [(str(design), "overall_mflops_increase")])


def test_a_target_that_is_new_has_no_baseline(run: Run, design: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    run("check", design, "track1", "--baseline", baseline, "--update-baseline")
    found = run("check", design, "track2", "--baseline", baseline, "-f", "csv")
    assert found.code == 0
    assert found.err == f"warning: track2 is not in the baseline, {baseline}\n"


def test_no_baseline_is_written_where_a_target_is_bad(
    run: Run, design: Path, tmp_path: Path
) -> None:
    baseline = tmp_path / "baseline.json"
    found = run("check", design, "nowhere", "--baseline", baseline, "--update-baseline")
    assert (found.code, baseline.exists()) == (2, False)


@pytest.fixture
def repository(design: Path) -> Path:
    """Return the design in a repository, committed as it is."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def git(*words: str) -> None:
        about = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *about, *words], cwd=design.parent, check=True, capture_output=True)

    git("init", "-q")
    git("add", design.name)
    git("commit", "-q", "-m", "first")
    return design


def test_a_revision_is_a_baseline(run: Run, repository: Path) -> None:
    assert run("check", repository, "--baseline", "HEAD").code == 0
    make_longer(repository)
    found = run("check", repository, "--baseline", "HEAD", "-f", "csv")
    assert found.code == 1
    assert increases(found)["overall_mflops_increase"]["value"] == "0.768"


def test_a_page_shows_what_changed(run: Run, repository: Path) -> None:
    page = run("check", repository, "--baseline", "HEAD", "-f", "markdown").out
    assert "## Change since HEAD\nNo layer differs.\n" in page
    make_longer(repository)
    page = run("check", repository, "--baseline", "HEAD", "-f", "markdown").out
    assert "| increase of overall, MFLOPS | 0 | 0.768 | -0.768 | fail |" in page
    assert "| encoder.input | 1\\>8 k7 -\\> 1\\>8 k9 |" in page


def test_a_file_that_the_revision_lacks_has_no_baseline(run: Run, repository: Path) -> None:
    other = repository.with_name("other.yaml")
    other.write_bytes(repository.read_bytes())
    found = run("check", other, "--baseline", "HEAD", "-f", "csv")
    assert (found.code, increases(found)) == (0, {})
    assert found.err == f"warning: {other} is not in the baseline, HEAD\n"


@pytest.mark.parametrize("revision", ["no-such-branch", "--all", "HEAD:my codec.yaml"])
def test_what_is_no_revision(run: Run, repository: Path, revision: str) -> None:
    found = run("check", repository, f"--baseline={revision}")
    assert (found.code, found.out) == (2, "")
    assert "which is no revision where the target is; allowed: an audit document" in found.err
    assert len(found.err.splitlines()) == 1


def test_a_target_that_is_no_file_has_no_revision(run: Run) -> None:
    found = run("check", "track1", "--baseline", "main")
    assert found.code == 2
    assert found.err.startswith(
        "error: track1: --baseline: given a revision, main; allowed: a docu"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--max-increase", "overall_mflops=1%"), "--max-increase: given overall_mflops=1%; allo"),
        (
            ("--update-baseline",),
            "--update-baseline: given the flag; allowed: only with --baseline",
        ),
        (
            ("--baseline", "main", "--update-baseline"),
            "--update-baseline: given 'main'; allowed: a ",
        ),
        (
            ("--baseline", "{}", "--max-increase", "mflops=1%"),
            "--max-increase: given 'mflops=1%'; ",
        ),
        (
            ("--baseline", "{}", "--max-increase", "overall_mflops"),
            "--max-increase: given 'overall",
        ),
        (
            ("--baseline", "{}", "--max-increase", "overall_mflops=-1"),
            "--max-increase: given 'over",
        ),
        (("--baseline", "nowhere.json"), "nowhere.json: given no such file; allowed: an audit doc"),
    ],
)
def test_bad_options_are_one_message(
    run: Run, document: Path, words: tuple[str, ...], message: str
) -> None:
    found = run("check", "track1", *(word.replace("{}", str(document)) for word in words))
    assert (found.code, found.out) == (2, "")
    assert message in found.err and len(found.err.splitlines()) == 1


def test_one_figure_has_one_budget(run: Run, document: Path) -> None:
    budgets = ("--max-increase", "overall_mflops=1", "--max-increase", "overall_mflops=2")
    found = run("check", "track1", "--baseline", document, *budgets)
    assert "given 'overall_mflops=2'; allowed: one budget on overall_mflops" in found.err


def test_a_figure_that_is_missing_is_no_pass(run: Run, document: Path) -> None:
    content = json.loads(document.read_text(encoding="utf-8"))
    content["latency"]["total_ms"] = None
    document.write_text(json.dumps(content), encoding="utf-8")
    found = run("check", "track1", "--baseline", document, "-f", "csv")
    assert found.code == 3
    assert increases(found)["total_latency_ms_increase"]["status"] == "incomplete"


def test_another_way_of_counting_is_refused(run: Run, document: Path) -> None:
    found = run("check", "track1", "--baseline", document, "--convention", "macs")
    assert found.code == 2
    assert "convention: given macs; allowed: lrac-2025, that of" in found.err


def test_verdicts_of_other_ways_of_counting_are_of_the_limits_alone(
    run: Run, design: Path, document: Path
) -> None:
    make_longer(design)
    (alone,) = json.loads(run("check", design, "-f", "json").out)["targets"]
    (held,) = json.loads(run("check", design, "--baseline", document, "-f", "json").out)["targets"]
    assert (alone["verdict"], held["verdict"]) == ("pass", "fail")
    assert held["other_conventions"] == alone["other_conventions"] != {}


@pytest.mark.parametrize(
    ("limits", "words", "code", "names"),
    [
        ("{}", (), 1, {"overall_mflops"}),
        ("{overall_mflops: 0.768}", (), 0, {"overall_mflops"}),
        ("{overall_mflops: 0.2%, receive_mflops: 0}", (), 0, {"overall_mflops", "receive_mflops"}),
        ("{overall_mflops: 0.1%}", (), 1, {"overall_mflops"}),
        ("{overall_mflops: 9}", ("--max-increase", "receive_mflops=0"), 0, {"receive_mflops"}),
    ],
)
def test_budgets_of_a_limit_set(
    run: Run, document: Path, limits: str, words: tuple[str, ...], code: int, names: set[str]
) -> None:
    """Those of the option stand in place of all of them; without any, the default ones hold."""
    design, own = document.with_name("my codec.yaml"), document.with_name("own.yaml")
    own.write_text(
        f"name: own\nconvention: lrac-2025\noverall_mflops: 700\nmax_increase: {limits}\n",
        encoding="utf-8",
    )
    make_longer(design)
    assert run("check", design, "--limits", own).code == 0
    found = run("check", design, "--limits", own, "--baseline", document, "-f", "csv", *words)
    assert found.code == code
    checked = {name.removesuffix("_increase") for name in increases(found)}
    assert checked == names if limits != "{}" else checked > names


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            "{overal_mflops: 1%}",
            ":4: max_increase.overal_mflops: given an unknown key; allow",
        ),
        ("{overall_mflops: 1 %}", ":4: max_increase.overall_mflops: given '1 %'; allowed: a numbe"),
        ("{overall_mflops: -1}", ":4: max_increase.overall_mflops: given -1; allowed: a number fr"),
        ("1%", ":4: max_increase: given '1%'; allowed: a mapping"),
    ],
)
def test_bad_budgets_of_a_limit_set_are_one_message(
    run: Run, tmp_path: Path, limits: str, message: str
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        f"name: own\nconvention: lrac-2025\noverall_mflops: 700\nmax_increase: {limits}\n",
        encoding="utf-8",
    )
    found = run("check", "track1", "--limits", own)
    assert (found.code, found.out) == (2, "")
    assert f"{own}{message}" in found.err
    assert len(found.err.splitlines()) == 1


def test_a_revision_is_judged_by_each_convention(run: Run, repository: Path) -> None:
    make_longer(repository)
    conventions = ("--convention", "lrac-2025", "--convention", "macs")
    found = run("check", repository, "--baseline", "HEAD", *conventions, "-f", "csv")
    rows = [r for r in csv.DictReader(io.StringIO(found.out)) if r["check"].startswith("overall")]
    grown = [(r["convention"], r["value"]) for r in rows if r["check"].endswith("_increase")]
    assert grown == [("lrac-2025", "0.768"), ("macs", "0.384")]
    assert (found.code, found.err) == (1, "")
