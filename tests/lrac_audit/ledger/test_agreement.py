"""Agreement of a ledger with witnesses, on figures small enough to compare by eye."""

from __future__ import annotations

from lrac_audit import audit
from lrac_audit.ledger.agreement import (
    Agreement,
    Finding,
    compared,
    label,
    macs_by,
    nearest,
    shown_delay,
)


def test_every_name_of_either_is_compared() -> None:
    """Equal, different with and without a reason, and known to one of the two only."""
    expected = {"a": 5, "b": 6000, "c": 7, "d": 8}
    found = {"a": 5, "b": 6001, "c": 9, "e": 0}
    reasons = {"c": "it is blind there", "a": "never needed"}
    findings = tuple(compared("fvcore", "row", "macs_per_frame", expected, found, reasons))
    common = ("fvcore", "row")
    assert findings == (
        Finding(*common, "a", "macs_per_frame", 5, 5, "never needed"),
        Finding(*common, "b", "macs_per_frame", 6000, 6001, ""),
        Finding(*common, "c", "macs_per_frame", 7, 9, "it is blind there"),
        Finding(*common, "d", "macs_per_frame", 8, None, ""),
        Finding(*common, "e", "macs_per_frame", None, 0, ""),
    )
    agreement = Agreement(findings)
    assert [finding.agrees for finding in findings] == [True, False, False, False, False]
    assert agreement.differing == list(findings[1:])
    assert agreement.doubts == (
        "fvcore: macs_per_frame of b is 6,001, the ledger says 6,000",
        "fvcore: macs_per_frame of d is none, the ledger says 8",
        "fvcore: macs_per_frame of e is 0, the ledger says none",
    )
    assert str(findings[2]) == (
        "fvcore: macs_per_frame of c is 9, the ledger says 7 (it is blind there)"
    )


def test_without_reasons_each_difference_is_a_doubt() -> None:
    (finding,) = compared("operator trace", "stage", "state_values", {"x": 1}, {"x": 2})
    assert Agreement((finding,), ("a remark",)).doubts == (str(finding),)


def test_work_is_summed_by_name() -> None:
    """A block of two 64-channel layers of 7 taps at 500 Hz: 64 x 64 x 7 x 5 MACs a frame each."""
    rows = [
        row for row in audit("track1").ledger.rows if row.name.startswith("encoder.blocks.3.res")
    ]
    units = macs_by(rows, lambda row: row.name.rpartition(".convs")[0] or "rest")
    assert all(units.values()) and len(units) > 1  # what takes no products is left out
    assert sum(units.values()) == sum(row.macs_per_frame for row in rows)
    whole = macs_by(rows, lambda row: "block")
    assert whole == {"block": sum(units.values())}
    seven = [row for row in rows if row.geometry.kernel == 7]
    assert seven and {row.macs_per_frame for row in seven} == {64 * 64 * 7 * 5}


def test_the_nearest_module_on_its_side() -> None:
    places = {("transmit", "encoder"), ("transmit", "encoder.blocks.0"), ("receive", "a")}
    assert nearest("transmit", "encoder.blocks.0.down", places) == "encoder.blocks.0"
    assert nearest("transmit", "encoder.blocks.0", places) == "encoder.blocks.0"
    assert nearest("transmit", "encoder.output", places) == "encoder"
    assert nearest("receive", "encoder.output", places) == "encoder.output"
    assert nearest("transmit", "a", places) == "a"
    assert label("receive", "a") == "a (receive)"


def test_a_delay_that_was_shown_is_a_lower_bound() -> None:
    proved = shown_delay(720, 720, "")
    assert proved == Finding("perturbation", "codec", "total", "delay_samples", 720, 720)
    why = "it is a lower bound; the effect was lost in "
    assert shown_delay(720, 700, "decoder.up").explanation == f"{why}decoder.up"
    assert shown_delay(720, 700, "").explanation == f"{why}the codec"
    nothing = shown_delay(720, None, "the quantizer")
    assert (nothing.found, nothing.explanation) == (None, f"{why}the quantizer")
    assert shown_delay(720, 721, "").explanation == ""  # more than the total is a doubt of it
    other = Finding("fvcore", "module", "x", "macs_per_frame", 1, 1)
    assert Agreement((other, proved)).shown_total is proved
    assert Agreement((other,)).shown_total is None
