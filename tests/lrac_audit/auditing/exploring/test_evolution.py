"""Search by evolution: repeatable, shared over a storage, and never called exact."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lrac_audit import audit
from lrac_audit.auditing.exploring import study
from lrac_audit.auditing.exploring.exploration import Exploration
from lrac_audit.auditing.exploring.explore import Wishes, explore
from lrac_audit.auditing.exploring.objectives import rank_of
from lrac_audit.auditing.exploring.study import Evolution
from lrac_audit.errors import InputError
from tests.conftest import ROOT

TRACK1 = audit("track1")
VARY = ["each encoder.blocks.3.residual.*.convs.0.kernel=1..9:2", "encoder.input.kernel=2,3,5,7"]
OBJECTIVES = ["receptive_field", "-overall_mflops"]


def searched(trials: int, **options: object) -> Exploration:
    pytest.importorskip("optuna")
    wishes = Wishes(VARY, OBJECTIVES, max_designs=499, evolution=Evolution(trials, **options))  # type: ignore[arg-type]
    return explore(TRACK1, wishes)


def test_no_design_that_is_found_is_better_than_the_exact_front() -> None:
    found, exact = searched(70, seed=3), explore(TRACK1, Wishes(VARY, OBJECTIVES))
    assert exact.is_exact
    assert not found.is_exact
    assert found.method.startswith("searched, not proved: ")
    assert found.decided <= 70 < found.space.size == 500
    assert found.designs
    best = [rank_of(one.audit, exact.objectives) for one in exact.designs]
    for one in found.designs:
        assert one.audit.verdict.status == "pass"
        rank = rank_of(one.audit, exact.objectives)
        assert any(all(a <= b for a, b in zip(other, rank, strict=True)) for other in best)


def test_a_seed_makes_it_repeatable() -> None:
    first, again, other = (searched(20, seed=seed) for seed in (1, 1, 2))
    values = [[one.values for one in found.designs] for found in (first, again, other)]
    assert values[0] == values[1] != values[2]


@pytest.mark.sweep
def test_two_processes_share_a_storage(tmp_path: Path) -> None:
    """The same command twice at once, then once more for one trial, which has those of all."""
    optuna = pytest.importorskip("optuna")
    url = f"sqlite:///{tmp_path / 'front.db'}"
    optuna.create_study(storage=url, study_name="the tables")  # which two could not make at once
    command = [sys.executable, "-m", "lrac_audit", "explore", "track1", "--storage", url]
    command += [word for text in VARY for word in ("--vary", text)]
    command += [word for text in OBJECTIVES for word in ("--objective", text)]
    command += ["--max-designs", "499", "--trials", "12"]
    both = [
        subprocess.Popen([*command, "--seed", seed], cwd=ROOT, stdout=subprocess.DEVNULL)
        for seed in ("1", "2")
    ]
    assert [process.wait() for process in both] == [0, 0]
    last = searched(1, storage=url, seed=9)
    (shared,) = (each for each in optuna.get_all_study_summaries(url) if each.n_trials)
    assert shared.n_trials == 25
    assert 12 < last.decided <= 25


def test_processes_need_a_storage() -> None:
    pytest.importorskip("optuna")
    said = "given 2 for a space of 500 designs, which is searched; allowed: 1, or a --storage"
    with pytest.raises(InputError, match=re.escape(said)):
        explore(TRACK1, Wishes(VARY, OBJECTIVES, jobs=2, max_designs=499))


@pytest.mark.sweep
def test_a_later_search_goes_on_from_the_storage(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'front.db'}"
    first = searched(4, storage=url, seed=1)
    assert searched(4, storage=url, seed=2).decided > first.decided


@pytest.mark.sweep
def test_processes_of_one_command_share_a_storage(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    options = Evolution(20, seed=1, storage=f"sqlite:///{tmp_path / 'front.db'}")
    found = explore(TRACK1, Wishes(VARY, OBJECTIVES, jobs=2, max_designs=499, evolution=options))
    assert 10 < found.decided <= 20


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all.db"])
def test_a_storage_that_cannot_be_used(url: str) -> None:
    with pytest.raises(InputError, match=r"which fails: .*; allowed: the URL of a database"):
        searched(1, storage=url)


def test_without_optuna_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=re.escape("pip install '.[explore]'")) as error:
        explore(TRACK1, Wishes(VARY, OBJECTIVES, max_designs=499))
    assert "given a space of 500 designs" in str(error.value)


def test_limits_that_nothing_keeps() -> None:
    pytest.importorskip("optuna")
    wishes = Wishes(VARY, ["parameters"], max_designs=499, evolution=Evolution(5, seed=1))
    base = audit("track1", limits="lrac-2025-track1", convention="full")
    with pytest.raises(InputError, match="none of 5 audited designs keeps") as error:
        explore(base, wishes)
    assert "the search proves nothing" in str(error.value)


def test_an_interruption_keeps_what_was_found() -> None:
    pytest.importorskip("optuna")
    told: list[int] = []

    def advance(done: int) -> None:
        told.append(done)
        if len(told) == 40:
            raise KeyboardInterrupt

    wishes = Wishes(VARY, OBJECTIVES, max_designs=499, evolution=Evolution(500, seed=1))
    found = explore(TRACK1, wishes, advance)
    assert found.is_interrupted
    assert 20 < found.decided <= 40
    assert found.designs
