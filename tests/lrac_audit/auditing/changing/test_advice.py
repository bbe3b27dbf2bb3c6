"""Advice is true: a design that follows any piece of it, and changes nothing else, passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from lrac_audit import Audit, audit
from lrac_audit.auditing.changing.consistent import Fields
from lrac_audit.design.addresses import with_values
from lrac_audit.design.parts import CodecDesign
from lrac_audit.limits import LimitSet, load_limits
from lrac_audit.limits.advice import Remedy
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.sweeps import some_or_many

TRACK1 = load_limits("lrac-2025-track1")
SHARES = st.floats(0.5, 1.2)
ABOUT = {
    "overall_mflops": ("complexity", "overall", "mflops"),
    "receive_mflops": ("complexity", "receive", "mflops"),
    "total_latency_ms": ("latency", "total_ms"),
}


def followed(found: Audit, remedy: Remedy, limits: LimitSet, rvq: str = "absorbed") -> Audit:
    """Audit the design of ``found`` anew with the changes of one piece of advice."""
    assert found.design is not None
    changed = with_values(found.design, remedy.changes) if remedy.changes else found.design
    return audit(changed, limits=limits, rvq=remedy.rvq or rvq)


def check_advice(found: Audit, limits: LimitSet, rvq: str = "absorbed") -> int:
    """Check that each piece of advice makes the whole check pass; return how many there are."""
    unknown = {check.id for check in found.verdict.checks if check.status == "incomplete"}
    for remedy in found.advice:
        assert remedy.is_change and remedy.text
        after = followed(found, remedy, limits, rvq)
        wrong = [check for check in after.verdict.checks if check.status != "pass"]
        assert {check.id for check in wrong} <= unknown, (remedy.text, wrong)
    return len(found.advice)


def wide(design: CodecDesign) -> CodecDesign:
    """Return a design with widths of the size that codecs have, where that makes a valid one."""
    fields = Fields(design)
    widths = {at: value for at, value in fields.values.items() if at[-1] in ("channels", "width")}
    larger = {at: 8 * value for at, value in widths.items()}
    changed = fields.changed(larger, leaves=True)
    return design if changed is None else changed.design


@st.composite
def broken_limits(draw: st.DrawFn, design: CodecDesign) -> LimitSet:
    """Limits at some share of what a design needs, of which it breaks at least one."""
    document = audit(design).document()
    bounds: dict[str, Any] = {}
    for name, place in ABOUT.items():
        value: Any = document
        for key in place:
            value = value[key]
        if value and draw(st.booleans()):
            bounds[name] = value * draw(SHARES)
    rates = document["design"]["bitrates_kbps"]
    if rates and draw(st.booleans()):
        bounds["bitrates_kbps"] = (rates[0] * draw(SHARES), rates[-1])
    stored = document["memory"]["transmit"]["stored_bytes"]["float32"]
    if stored and draw(st.integers(0, 3)) == 0:
        bounds["transmit_stored_bytes"] = draw(SHARES) * stored
    assume(bounds)
    limits = LimitSet(name="own", convention="lrac-2025", **bounds)
    assume(audit(design, limits=limits).verdict.status == "fail")
    return limits


@some_or_many(10, 200)
def test_each_piece_of_advice_on_a_random_design_makes_it_pass(cases: int) -> None:
    counts: list[int] = []

    @seed(14)
    @settings(
        max_examples=cases, suppress_health_check=list(HealthCheck), deadline=None, database=None
    )
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        design = wide(data.draw(designs() | list_designs()))
        limits = data.draw(broken_limits(design))
        rvq = data.draw(st.sampled_from(["absorbed", "projected"]))
        counts.append(check_advice(audit(design, limits=limits, rvq=rvq), limits, rvq))

    holds()
    assert sum(count > 0 for count in counts) >= 0.8 * len(counts)


@pytest.mark.parametrize(
    ("target", "changes", "rvq"),
    [
        ("track1", {"overall_mflops": 691}, "absorbed"),
        ("track1", {"overall_mflops": 600}, "projected"),
        ("track1", {"receive_mflops": 200, "total_latency_ms": 15}, "absorbed"),
        ("track1", {"total_latency_ms": 9}, "absorbed"),
        ("track1", {"bitrates_kbps": (0.5, 6)}, "absorbed"),
        ("track1", {"sample_rate_hz": 16000}, "absorbed"),
        ("track1", {"frame_multiple_ms": 20, "total_latency_ms": None}, "absorbed"),
        ("track1", {"state_bytes": 100_000}, "absorbed"),
        ("track2", {}, "projected"),
        ("dac-16khz", {}, "absorbed"),
        ("encodec-24khz", {}, "absorbed"),
        ("vocodec-24khz", {}, "absorbed"),
    ],
)
def test_advice_on_a_known_codec_makes_it_pass(
    target: str, changes: dict[str, Any], rvq: str
) -> None:
    limits = replace(TRACK1, **changes)
    found = audit(target, limits=limits, rvq=rvq)
    assert found.verdict.status == "fail"
    assert check_advice(found, limits, rvq) > 0


def test_the_decoder_is_as_wide_as_the_receive_side_lets_it_be() -> None:
    """A scaling of both sides alike would leave half of the 300 MFLOPS unused."""
    found = audit("track2", limits=TRACK1)
    (remedy,) = found.advice
    after = followed(found, remedy, TRACK1).document()["complexity"]
    assert 280 < after["receive"]["mflops"] <= 300
    assert 650 < after["overall"]["mflops"] <= 700


def test_where_nothing_is_enough_the_advice_says_how_much_must_go() -> None:
    limits = LimitSet(name="own", convention="lrac-2025", overall_mflops=0.001)
    found = audit("track1", limits=limits)
    assert found.advice == []
    (check,) = found.verdict.checks
    (statement,) = found.remedies(check)
    assert not statement.is_change
    assert statement.text.startswith("take out 691.353 MFLOPS, 100.0 %; most is in ")
