"""The codec that figures are about, counted from ledgers that were written down by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from fractions import Fraction
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import lrac_audit.witness
from lrac_audit.auditing.counted_work import (
    AT_OUTPUT_RATE,
    CountedWork,
    counted_work,
    steady_work,
)
from lrac_audit.auditing.print_conventions import ConventionSearch, Explanation
from lrac_audit.auditing.readings import Reading
from lrac_audit.auditing.subject import (
    design_subject,
    measured_subject,
    on_clips,
    parts_subject,
    read_subject,
)
from lrac_audit.design.formats import load_design
from lrac_audit.ledger.row import Geometry
from lrac_audit.witness.stated_rates import AS_DECLARED
from tests.lrac_audit.auditing.test_document import LEDGER, UP

TRACK1 = load_design("track1").design
FORMS = {
    "absorbed": "the quantizer's output projections absorbed",
    "projected": "the quantizer's output projections as trained",
}
PRICES = {"conv": Fraction(2), "transposed_conv": Fraction(2), "codebook_search": Fraction(1)}


def test_the_work_of_a_frame_by_stage() -> None:
    work = steady_work(LEDGER)
    assert (work.name, work.seconds) == ("", Fraction(1, 100))
    assert work.by_stage["encoder"]["conv"] == 1920 + 5120
    assert work.by_stage["encoder"]["bias"] == 640
    assert work.by_stage["rvq_transmit"]["codebook_search"] == 128
    assert work.by_stage["decoder"]["transposed_conv"] == 2560
    assert steady_work(LEDGER, "a name").name == "a name"


def test_the_price_of_a_part() -> None:
    """7,040 and 2,560 products at 2, and 128 of the search at 1, in a hundredth of a second."""
    work = steady_work(LEDGER)
    assert work.millions_per_second("encoder", PRICES) == Fraction(14_080, 10_000)
    assert work.millions_per_second("overall", PRICES) == Fraction(14_080 + 5_120 + 128, 10_000)
    without = work.millions_per_second("overall", PRICES, ("rvq_transmit", "decoder"))
    assert without == Fraction(14_080, 10_000)
    assert CountedWork("", Fraction(1), {}).millions_per_second("overall", PRICES) == 0


@pytest.mark.parametrize(
    ("row", "macs"),
    [
        # 160 output steps for one input step, by the biases or else by the stride
        (UP._replace(work={"transposed_conv": 2560, "bias": 160}), 2560 * 160),
        (UP._replace(work={"transposed_conv": 2560}), 2560 * 160),
        (UP._replace(work={"transposed_conv": 2560, "bias": 160}, runs_per_frame=2), 2560 * 80),
        (
            UP._replace(
                geometry=Geometry(8, 4, kernel=320, stride=160),
                work={"transposed_conv": 2560, "bias": 160},
            ),
            2560 * 40,
        ),
        (UP._replace(work={"transposed_conv": 2560, "bias": 160}, runs_per_frame=0), 2560 * 160),
        (UP._replace(work={"conv": 2560, "bias": 160}), 0),
    ],
)
def test_transposed_convolutions_at_their_output_rate(row: Any, macs: int) -> None:
    found = counted_work("clip", [row], Fraction(2))
    assert (found.name, found.seconds) == ("clip", Fraction(2))
    counted = found.by_stage["decoder"][AT_OUTPUT_RATE]
    assert (counted, type(counted)) == (macs, int)


def test_work_of_one_stage_is_added_up() -> None:
    found = counted_work("clip", [UP, UP], Fraction(1))
    assert found.by_stage["decoder"]["transposed_conv"] == 2 * 2560
    assert found.by_stage["decoder"][AT_OUTPUT_RATE] == 2 * 2560 * 160


@pytest.mark.parametrize(("rvq", "other"), [("absorbed", "projected"), ("projected", "absorbed")])
def test_a_design_is_counted_in_both_forms(rvq: str, other: str) -> None:
    """Track 1 takes 12 x 160 products more for each of six layers in the projected form."""
    found = design_subject("track1", rvq=rvq)
    assert (found.source, found.convention.name) == ("track1", "lrac-2025")
    assert found.ledger.mode.rvq == rvq
    assert list(found.works) == ["", FORMS[other]]
    linear = [work.by_stage["rvq_transmit"]["linear"] for work in found.works.values()]
    more = 6 * 12 * 160
    assert linear[1] - linear[0] == (more if rvq == "absorbed" else -more)
    assert found.remarks == () and found.uncounted == ()


def test_the_other_form_runs_in_the_same_mode() -> None:
    found = design_subject("track1", bitrate_kbps=1, convention="macs")
    assert found.convention.name == "macs"
    assert found.ledger.mode.active_layers == 1
    linear = [work.by_stage["rvq_transmit"]["linear"] for work in found.works.values()]
    assert linear[1] - linear[0] == 12 * 160


def test_a_design_without_projections_has_one_form() -> None:
    plain = replace(TRACK1, quantizer=replace(TRACK1.quantizer, codebook_dim=None))
    assert list(design_subject(plain).works) == [""]


def test_a_subject_in_another_convention_and_counted_in_more_ways() -> None:
    found = parts_subject(LEDGER, "lrac-2025")
    assert (found.source, found.ledger, found.convention.name) == ("by hand", LEDGER, "lrac-2025")
    assert list(found.works) == [""]
    other = found.counted_by("macs")
    assert (other.convention.name, other.works) == ("macs", found.works)
    clip = CountedWork("clip", Fraction(1), {})
    assert found.also_counted({"clip": clip}).works == {**found.works, "clip": clip}
    row = UP._replace(problem="it cannot be told")
    assert parts_subject(replace(LEDGER, rows=(row,)), "macs").uncounted == ("it cannot be told",)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls of those who measure, in their order."""
    calls: list[Any] = []
    cost = SimpleNamespace(ledger=LEDGER, remarks=("a remark",))
    clip = SimpleNamespace(name="a clip", rows=LEDGER.rows, seconds=Fraction(1, 2))

    def answer(name: str, result: object) -> Any:
        def call(*arguments: object) -> object:
            calls.append((name, *arguments))
            return result

        return call

    for name, content in (
        ("factory", {"load_python": answer("load", "a target")}),
        ("cost", {"count_cost": answer("cost", cost), "count_clips": answer("clips", [clip])}),
    ):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, f"lrac_audit.witness.{name}", module)
        monkeypatch.setattr(lrac_audit.witness, name, module, raising=False)
    return calls


def progress(text: str) -> None:
    """Told of each step."""


def test_a_factory_is_measured_in_a_stream_and_on_clips(asked: list[Any]) -> None:
    found = read_subject(
        "python:a:b",
        bitrate_kbps=6,
        convention="macs",
        arguments={"x": 1},
        progress=progress,
    )
    assert asked == [
        ("load", "python:a:b", {"x": 1}, AS_DECLARED),
        ("cost", "a target", "python:a:b", 6, progress),
        ("clips", "a target", "python:a:b", 6, progress),
    ]
    assert (found.source, found.ledger, found.remarks) == ("python:a:b", LEDGER, ("a remark",))
    assert found.convention.name == "macs"
    assert list(found.works) == ["", "a clip"]
    assert found.works["a clip"].seconds == Fraction(1, 2)
    assert found.works["a clip"].by_stage == steady_work(LEDGER).by_stage


def test_a_target_is_measured_in_the_challenge_s_convention(asked: list[Any]) -> None:
    target: Any = SimpleNamespace()
    assert measured_subject(target, "here").convention.name == "lrac-2025"
    assert list(on_clips(target, "here")) == ["a clip"]
    assert asked == [("cost", target, "here", None, None), ("clips", target, "here", None, None)]


def test_a_design_is_read(asked: list[Any]) -> None:
    found = read_subject("track1", rvq="projected", bitrate_kbps=1, convention="macs")
    assert asked == []
    mode = found.ledger.mode
    assert (mode.rvq, mode.active_layers, found.convention.name) == ("projected", 1, "macs")
    with pytest.raises(ValueError, match="--arg: given x"):
        read_subject("track1", arguments={"x": 1})


def test_explanations_of_the_same_figures_stand_together() -> None:
    both, first = frozenset({0, 1}), frozenset({0})
    one, two, three = (Explanation((), Reading(), places) for places in (both, first, both))
    search = ConventionSearch((), (one, two, three), tried=3, nearest=None)
    assert search.groups == [[one, three], [two]]
    assert search.best is one
    assert ConventionSearch((), (), tried=0, nearest=None).groups == []
