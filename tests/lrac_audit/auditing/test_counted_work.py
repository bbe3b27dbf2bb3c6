"""Sums of rows by stage, and transposed convolutions as if counted at their output rate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lrac_audit import audit
from lrac_audit.auditing.counted_work import AT_OUTPUT_RATE, counted_work, steady_work
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Geometry, Row


@pytest.mark.parametrize(
    ("biases", "expected"),
    [
        (39 * 4, 39 * 6 * 4 * 10),  # the biases tell that one of 40 steps is lost
        (0, 40 * 6 * 4 * 10),  # without them the stride has to do
    ],
)
def test_a_transposed_convolution_at_its_output_rate(biases: int, expected: int) -> None:
    """8 steps in, stride 5, 6 to 4 channels, 10 taps; old padding loses a step of 40."""
    work = {"transposed_conv": 8 * 6 * 4 * 10} | ({"bias": biases} if biases else {})
    row = Row("up", "receive", "decoder", "transposed_conv", Geometry(6, 4, 10, 5), 8, work)
    found = counted_work("one frame", [row], Fraction(1, 50))
    assert found.by_stage["decoder"][AT_OUTPUT_RATE] == expected


def test_a_stream_costs_what_its_ledger_says() -> None:
    ledger = audit("track2", rvq="projected").ledger
    prices = {kind: Fraction(n) for kind, n in CONVENTIONS["lrac-2025"].prices.items()}
    work = steady_work(ledger)
    assert work.seconds == Fraction(1, 100)
    assert work.millions_per_second("decoder", prices) == Fraction("594.048")
    assert work.millions_per_second("receive", prices) == Fraction("603.264")
    assert work.millions_per_second("receive", prices, ["rvq_receive"]) == Fraction("594.048")
