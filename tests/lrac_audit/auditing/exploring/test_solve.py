"""The largest scaling, beside the audits of all others that are possible."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from lrac_audit import CodecDesign, audit
from lrac_audit.auditing.changing.trial import Trial, terms_of
from lrac_audit.auditing.exploring.patterns import matching
from lrac_audit.auditing.exploring.solve import Solution, Unsolved, solve
from lrac_audit.design.addresses import address_text, field_values, with_values
from lrac_audit.errors import InputError
from lrac_audit.limits import LimitSet, load_limits
from tests.random_designs import designs
from tests.sweeps import some_or_many

TRACK1 = load_limits("lrac-2025-track1")


def solved(
    design: CodecDesign | str, pattern: str, limits: LimitSet | None = None, multiple: int = 1
) -> Solution | Unsolved:
    found = audit(design, limits=limits)
    assert found.design is not None
    base = Trial(found.design, terms_of(found.design, found.ledger, found.verdict))
    return solve(base, matching(base.fields.values, pattern), multiple)


def test_what_the_megaflops_that_are_left_buy() -> None:
    """All widths are those of the scaling, rounded down; the next scaling is over a limit."""
    found = solved("track1", "encoder.*.channels")
    assert isinstance(found, Solution)
    widths = {"input": 8, "0": 16, "1": 32, "2": 64, "3": 160}
    scaled = {name: int(width * found.best.scale) for name, width in widths.items()}
    assert {address_text(at): value for at, value in found.best.changed.changes.items()} == {
        f"encoder.blocks.{name}.down.channels": width
        for name, width in scaled.items()
        if width != widths[name]
    }
    after = audit(found.best.changed.design)
    assert after.verdict.status == "pass"
    assert found.following is not None
    assert audit(found.following.changed.design).verdict.status == "fail"


def test_scaled_fields_are_multiples() -> None:
    found = solved("track2", "*.channels", multiple=16)
    assert isinstance(found, Solution)
    assert all(value % 4 == 0 for value in found.best.changed.changes.values())
    assert found.best.changed.changes


def test_a_design_over_its_limits_gets_smaller() -> None:
    limits = replace(TRACK1, overall_mflops=600)
    found = solved("track1", "decoder.*.channels", limits)
    assert isinstance(found, Solution) and found.best.scale < 1
    assert audit(found.best.changed.design, limits=limits).verdict.status == "pass"
    assert found.following is not None
    assert audit(found.following.changed.design, limits=limits).verdict.status == "fail"


def test_a_limit_that_no_width_keeps() -> None:
    found = solved("track1", "*.channels", replace(TRACK1, total_latency_ms=20))
    assert isinstance(found, Unsolved) and found.least is not None
    assert [check.id for check in found.least.trial.broken] == ["total_latency_ms"]


def test_fields_that_others_fix_are_left() -> None:
    """The inverse transform takes two values for each bin of its window."""
    found = solved("vocodec-24khz", "*.channels")
    assert isinstance(found, Solution) and found.best.scale < 1
    assert list(map(address_text, found.fixed)) == ["decoder.layers.6.linear.channels"]
    with pytest.raises(InputError, match=r"decoder\.layers\.6\.linear\.channels, which others fix"):
        solved("vocodec-24khz", "decoder.layers.6.linear.channels")


@pytest.mark.sweep
def test_what_follows_a_width_is_scaled_with_it() -> None:
    limits = LimitSet(name="own", convention="lrac-2025", overall_mflops=10_000)
    found = solved("mimi-24khz", "encoder.*.channels", limits, multiple=16)
    assert isinstance(found, Solution)
    after = field_values(found.best.changed.design)
    width = after["encoder", "layers", 14, "conv", "channels"]
    assert width < 512
    assert after["decoder", "layers", 0, "transposed_conv", "groups"] == width


def test_a_field_that_no_limit_is_about() -> None:
    """The dilation of a causal layer costs nothing and delays nothing."""
    found = solved("track1", "decoder.output.dilation")
    assert isinstance(found, Solution)
    assert (found.best.scale, found.following) == (64, None)


def test_flags_cannot_be_scaled() -> None:
    with pytest.raises(InputError, match=r"encoder\.input\.causal and 53 more, which cannot be"):
        solved("track1", "*.causal")


@some_or_many(3, 100)
def test_no_larger_scaling_passes(cases: int) -> None:
    """Every scaling up to four times, by the thousandth, beside the one that is found."""

    @seed(5)
    @settings(max_examples=cases, suppress_health_check=list(HealthCheck), deadline=None)
    @given(designs(), st.floats(0.6, 1.6), st.sampled_from(["*.kernel", "*.channels"]))
    def holds(design: CodecDesign, share: float, pattern: str) -> None:
        cost = audit(design).document()["complexity"]["overall"]["mflops"]
        limits = LimitSet(
            name="own", convention="lrac-2025", overall_mflops=max(cost * share, 1e-9)
        )
        try:
            found = solved(design, pattern, limits)
        except InputError:
            return  # the design has no such field that can change
        if not isinstance(found, Solution):
            return
        assert audit(found.best.changed.design, limits=limits).verdict.status == "pass"
        values = {at: field_values(design)[at] for at in matching(field_values(design), pattern)}
        for thousandth in range(1, 2001, 25):
            scale = found.best.scale * (1 + Fraction(thousandth, 1000))
            if scale > found.audited_to:
                break
            changes = {
                at: max(int(value * scale), 1)
                for at, value in values.items()
                if at not in found.fixed
            }
            if changes == {at: max(int(values[at] * found.best.scale), 1) for at in changes}:
                continue
            try:
                larger = with_values(design, changes)
            except InputError:
                continue
            assert audit(larger, limits=limits).verdict.status == "fail"

    holds()
