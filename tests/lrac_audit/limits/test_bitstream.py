"""The check of what a codec hands over against the bitrate that it declares."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrac_audit import audit
from lrac_audit.ledger.bitstream import Bitstream, CodeStream
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.data_dependence import DataDependence
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits import LimitSet, judge
from lrac_audit.limits.bitstream import exceeds
from lrac_audit.limits.check import Check, Evidence
from lrac_audit.limits.registry import CHECK_KINDS

LEDGER = audit("track1").ledger
CONVENTION = CONVENTIONS["lrac-2025"]
LIMITS = LimitSet(name="own", convention="lrac-2025", overall_mflops=1000)
KIND = CHECK_KINDS["bitstream"]


def stream(bits_per_s: float) -> CodeStream:
    return CodeStream("codes", "int64", 0, 1023, values_per_s=100, bits_per_s=bits_per_s)


def check(found: Bitstream) -> Check:
    ledger = replace(LEDGER, bitstream=found)
    checks = judge(ledger, Totals(ledger), LIMITS, CONVENTION).checks
    (result,) = [each for each in checks if each.id == "bitstream"]
    return result


def remedies(found: Bitstream) -> list[str]:
    ledger = replace(LEDGER, bitstream=found)
    evidence = Evidence(ledger, Totals(ledger), LIMITS, CONVENTION)
    return list(KIND.shortfall(check(found), evidence))


def test_the_bits_of_all_codes_are_added_up() -> None:
    assert Bitstream(6, (stream(1000), stream(5250))).observed_kbps == 6.25
    assert Bitstream(6, ()).observed_kbps is None


@pytest.mark.parametrize(
    ("declared_kbps", "bits_per_s", "status"),
    # half a per cent more is rounding
    [(6, 6000, "pass"), (6, 5000, "pass"), (6, 6029, "pass"), (6, 6031, "fail"), (1, 2000, "fail")],
)
def test_codes_within_the_declared_bitrate(
    declared_kbps: float, bits_per_s: float, status: str
) -> None:
    found = check(Bitstream(declared_kbps, (stream(bits_per_s),)))
    value = bits_per_s / 1000
    margin = pytest.approx(declared_kbps - value, abs=1e-12)
    assert found == Check("bitstream", declared_kbps, value, margin, status, "kbps")


def test_what_was_not_seen_is_not_passed() -> None:
    nothing = check(Bitstream(6, ()))
    assert nothing == Check("bitstream", 6, None, None, "incomplete", "kbps")
    assert not exceeds(Bitstream(6, ()))
    assert check(Bitstream(6, (stream(6000),), unchecked=("?",))).status == "incomplete"


def test_a_broken_promise_fails_whatever_the_bitrate() -> None:
    assert check(Bitstream(6, (stream(1),), broken=("a float is sent",))).status == "fail"
    assert check(Bitstream(6, (), broken=("a float is sent",), unchecked=("?",))).status == "fail"
    assert check(Bitstream(6, (stream(7000),), unchecked=("?",))).status == "fail"


def test_what_would_mend_it() -> None:
    more = "declare 7 kbps, or send fewer or smaller codes"
    whole = "hand over whole numbers of an integer type, and everything that the receiver needs"
    assert remedies(Bitstream(6, (stream(6000),))) == []
    assert remedies(Bitstream(6, (stream(7000),))) == [more]
    assert remedies(Bitstream(6, (stream(6000),), broken=("x",))) == [whole]
    assert remedies(Bitstream(6, (stream(7000),), broken=("x",))) == [more, whole]
    failed = check(Bitstream(6, (stream(7000),)))
    evidence = Evidence(LEDGER, Totals(LEDGER), LIMITS, CONVENTION)
    assert list(KIND.shortfall(failed, evidence)) == []  # a ledger without a bitstream


def test_a_design_has_no_such_check() -> None:
    checks = judge(LEDGER, Totals(LEDGER), LIMITS, CONVENTION).checks
    assert [each.id for each in checks] == ["overall_mflops"]


def test_costs_that_depend_on_data_in_words() -> None:
    place = "model.py:7"
    same = DataDependence((place,), {"silence": 7000, "noise": 7000}, "silence")
    assert not same.varies
    assert str(same) == (
        "Values of the signal are read, which may decide what runs (model.py:7); 2 kinds of "
        "signals took equally many MACs."
    )
    other = DataDependence((place, "b.py:1"), {"a": 9000, "b": 7000, "c": 8000}, "a")
    assert other.varies
    assert str(other) == (
        "Cost depends on data: values of the signal decide what runs (model.py:7, b.py:1). Of 3 "
        "kinds of signals, MACs per frame go from 7,000 to 9,000; the dearest is reported (a)."
    )
