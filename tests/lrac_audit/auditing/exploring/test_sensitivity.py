"""Sensitivity: each step is audited anew, and how far a knob may go is found by trying all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from lrac_audit import audit
from lrac_audit.auditing.changing.consistent import Fields
from lrac_audit.auditing.changing.knob import turned
from lrac_audit.auditing.changing.trial import Trial, terms_of
from lrac_audit.auditing.exploring.reach import Reach
from lrac_audit.auditing.exploring.sensitivity import Sensitivity, Step, sensitivity
from lrac_audit.design.parts import CodecDesign
from lrac_audit.limits import LimitSet
from tests.lrac_audit.ledger.test_operations import TOY
from tests.random_designs import designs
from tests.sweeps import some_or_many


def found(design: CodecDesign | str, limits: LimitSet | None = None) -> Sensitivity:
    audited = audit(design, limits=limits)
    assert audited.design is not None
    return sensitivity(
        Trial(audited.design, terms_of(audited.design, audited.ledger, audited.verdict))
    )


@pytest.fixture(scope="module")
def track1() -> Sensitivity:
    return found("track1")


def the_step(steps: Sensitivity, name: str, direction: int) -> Step:
    (step,) = [
        each
        for each in steps.steps
        if each.knob.name == name and (each.turned.value - each.knob.value) * direction > 0
    ]
    return step


def test_a_tap_less_in_the_last_convolution(track1: Sensitivity) -> None:
    """8 products a sample at 24 kHz are 0.384 MFLOPS; 8 weights and 8 samples of state go."""
    step = the_step(track1, "decoder.output.kernel", -1)
    assert {name: track1.change(step, name) for name in track1.quantities} == {
        "overall_mflops": pytest.approx(-0.384),
        "transmit_mflops": 0,
        "receive_mflops": pytest.approx(-0.384),
        "latency_ms": 0,
        "stored_values": -8,
        "state_values": -8,
        "receptive_field_samples": 0,
    }
    assert step.reach == Reach(None)  # no limit comes nearer


def test_how_far_a_kernel_may_grow(track1: Sensitivity) -> None:
    """691.3536 of 700 MFLOPS: two taps of 64 x 64 channels at 500 Hz, 4.096 each, but not three."""
    step = the_step(track1, "encoder.blocks.3.residual.1.convs.0.kernel", 1)
    assert step.reach == Reach(9, ("overall_mflops",), True)


def test_a_limit_that_one_step_breaks(track1: Sensitivity) -> None:
    """A stride of 4 for 3 makes a hop of 320 samples; the look-aheads are as long in frames."""
    step = the_step(track1, "encoder.blocks.0.down.stride + decoder.blocks.2.up.stride", 1)
    assert step.reach == Reach(3, ("total_latency_ms",), True)
    assert track1.change(step, "latency_ms") == pytest.approx(10)


def test_what_mends_comes_first_by_its_relative_change() -> None:
    """The receive side takes 112 FLOPs a frame at 50 frames/s, of which 20 are too many.

    A tap of the transposed convolution (kernel 5) is 16, one of the output (kernel 4) is 8.
    """
    limits = LimitSet(name="toy", convention="lrac-2025", receive_mflops=92 * 50 / 1e6)
    steps = found(TOY, limits).steps
    mending = [step for step in steps if step.reach.value is not None]
    assert list(steps[: len(mending)]) == mending
    changes = [step.relative_change for step in mending]
    assert changes == sorted(changes)
    names = [(step.knob.name, step.reach.value) for step in mending]
    up, output = ("decoder.blocks.0.up.kernel", 3), ("decoder.output.kernel", 1)
    assert names.index(up) < names.index(output)


def test_steps_that_change_nothing_are_counted(track1: Sensitivity) -> None:
    names = {(step.knob.name, step.turned.value) for step in track1.steps}
    assert ("encoder.blocks.0.residual.0.convs.1.dilation", 2) not in names  # a kernel of one tap
    assert track1.inert > 20


@some_or_many(2, 25)
def test_how_far_any_knob_may_go(cases: int) -> None:
    @seed(3)
    @settings(max_examples=cases, suppress_health_check=list(HealthCheck), deadline=None)
    @given(designs(), st.floats(0.7, 1.3), st.floats(0.7, 1.3))
    def holds(design: CodecDesign, of_cost: float, of_latency: float) -> None:
        now = audit(design)
        limits = LimitSet(
            name="own",
            convention="lrac-2025",
            overall_mflops=max(of_cost * now.document()["complexity"]["overall"]["mflops"], 1e-9),
            total_latency_ms=max(of_latency * now.document()["latency"]["total_ms"], 1e-9),
        )
        for step in found(design, limits).steps:
            check_reach(design, limits, step)

    holds()


def check_reach(design: CodecDesign, limits: LimitSet, step: Step) -> None:
    """Audit the step, and the values up to where the knob is said to reach."""
    fields, unit = Fields(design), step.turned.steps
    one = audit(step.turned.changed.design, limits=limits)
    assert one.verdict.checks == step.trial.verdict.checks
    value, passes_now = step.reach.value, audit(design, limits=limits).verdict.status == "pass"
    if value is None:
        return
    there = (value - step.knob.value) // unit if unit else 0
    if step.knob.stepped(unit) - step.knob.value != unit:
        return  # a codebook, whose steps double it

    def status(units: int) -> str:
        made = turned(fields, step.knob, unit * units)
        return (
            "invalid" if made is None else audit(made.changed.design, limits=limits).verdict.status
        )

    if passes_now:
        assert there == 0 or status(there) == "pass"
        if step.reach.breaks:
            assert status(there + 1) == "fail"
    else:
        assert status(there) == "pass"
        assert there == 1 or status(there - 1) != "pass"
