"""Edits of four layers whose prices were chosen so that every explanation can be listed by hand.

At 100 frames a second a figure with four decimals in MFLOPS is a number of FLOPs per frame.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from lrac_audit.auditing.printed_figure import parse_figure
from lrac_audit.auditing.reconcile import Reconciliation, reconcile
from lrac_audit.ledger.conventions import find_convention
from lrac_audit.ledger.row import Geometry, Ledger, Mode, Row

# 60, 80, 40 and 10 FLOPs a frame: 10, 20, nothing and 2 for each tap
UP = Row(
    name="up", side="receive", stage="decoder", op="transposed_conv",
    geometry=Geometry(1, 1, kernel=6, stride=4), runs_per_frame=1, work={"transposed_conv": 30},
)  # fmt: skip
CONV = Row(
    name="conv", side="transmit", stage="encoder", op="conv",
    geometry=Geometry(1, 1, kernel=4), runs_per_frame=1, work={"conv": 40, "bias": 3},
)  # fmt: skip
LINEAR = Row(
    name="linear", side="receive", stage="decoder", op="linear",
    geometry=Geometry(4, 5), runs_per_frame=1, work={"linear": 20},
)  # fmt: skip
WIDE = Row(
    name="wide", side="transmit", stage="encoder", op="conv",
    geometry=Geometry(1, 1, kernel=5, stride=3, dilation=2), runs_per_frame=1, work={"conv": 5},
)  # fmt: skip
LEDGER = Ledger(
    name="four layers",
    sample_rate_hz=16_000,
    hop_samples=160,
    mode=Mode(None, None, None),
    bitrates_kbps=(),
    rows=(UP, CONV, LINEAR, WIDE),
)


def found(figure: str, ledger: Ledger = LEDGER) -> Reconciliation:
    convention = find_convention("lrac-2025")
    return reconcile(ledger, convention, "overall", parse_figure(figure, "figure"))


def singles(figure: str) -> list[tuple[str, int]]:
    return [(edit.row.name, edit.kernel) for edit in found(figure).singles]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        # 20 less: the stride of the transposed convolution asks for 4 taps at least
        ("0.0170", [("conv", 3), ("up", 4)]),
        ("0.0160", []),  # 30 less would be 3 taps
        ("0.0180", [("up", 5), ("wide", 0)]),
        # 6 less: 2 taps, 2 apart, reach 3 samples, as far as the stride; 1 tap does not
        ("0.0184", [("wide", 2)]),
        ("0.0182", []),
        ("0.0244", [("wide", 32)]),  # 54 more: the longest kernel that is tried
        ("0.0246", []),
        # from 50 to 150: 40 to 140 less, both ends included
        ("0.01", [("linear", 0), ("conv", 2), ("conv", 1), ("conv", 0), ("up", 0)]),
    ],
)
def test_every_single_edit_the_smallest_first(figure: str, expected: list[tuple[str, int]]) -> None:
    assert singles(figure) == expected


def test_longer_kernels() -> None:
    """From 250 to 350 are 60 to 160 more: 7 to 12 taps at 20 each, or 12 to 22 at 10."""
    expected = [("conv", kernel) for kernel in range(7, 13)]
    expected += [("up", kernel) for kernel in range(12, 23)]
    assert sorted(singles("0.03")) == expected
    assert singles("0.03")[:3] == expected[:3]


def test_an_edit_in_words() -> None:
    first, second = found("0.0170").singles
    assert (str(first), first.taps, first.price_per_frame) == ("kernel 4 to 3", 1, -20)
    assert (str(second), second.taps, second.price_per_frame) == ("kernel 6 to 4", 2, -20)
    assert type(first.price_per_frame) is int
    _, out = found("0.0180").singles
    assert (str(out), out.taps, out.price_per_frame) == ("left out", 5, -10)


def test_pairs_of_edits_the_smallest_first() -> None:
    """6 less is 4, 14, 34 or 54 more of the widest layer, by 2, 7, 17 or 27 taps, and the rest
    less of another: 10 of the transposed one; 20 of it or of the convolution; 40 of the linear map
    or of the convolution; 60 of either convolution.
    """
    result = found("0.0184")
    assert result.pair_count == 7
    pairs = [{(edit.row.name, edit.kernel) for edit in pair} for pair in result.pairs]
    assert pairs == [
        {("wide", 7), ("up", 5)},  # 3 taps
        {("wide", 12), ("conv", 3)},  # 8
        {("wide", 12), ("up", 4)},  # 9
    ]


def test_a_figure_that_agrees() -> None:
    result = found("0.0190")
    assert result == Reconciliation(Fraction(19, 1000), [], 0, [], 32, agrees=True)
    assert not found("0.0191").agrees


def test_kernels_are_tried_up_to_the_longest_of_the_codec() -> None:
    assert found("0.0170").largest_kernel == 32
    long = WIDE._replace(geometry=Geometry(1, 1, kernel=40), work={"conv": 40})
    ledger = Ledger("long", 16_000, 160, Mode(None, None, None), (), (UP, long))
    assert found("0.0170", ledger).largest_kernel == 40
