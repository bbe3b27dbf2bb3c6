"""Every check in full: limit, value, margin, status and unit, of known and of unknown figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrac_audit import InputError, audit
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Ledger, Mode, Row
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits import Check, LimitSet, judge, load_limits
from lrac_audit.limits.limit_set import EDITED_LIMITS, edited_limits, limits_schema
from lrac_audit.limits.verdict import other_verdicts

TRACK1 = load_limits("lrac-2025-track1")
LEDGER = audit("track1").ledger
EXACT = {"rel": 1e-12, "abs": 1e-9}


def checks(
    ledger: Ledger = LEDGER, convention: str = "lrac-2025", **changes: Any
) -> dict[str, Check]:
    limits = replace(TRACK1, **changes)
    verdict = judge(ledger, Totals(ledger), limits, CONVENTIONS[convention])
    return {check.id: check for check in verdict.checks}


def alike(found: Any, expected: Any) -> bool:
    """Whether figures are equal but for rounding, and what is not known the same."""
    if isinstance(expected, tuple):
        return len(found) == len(expected) and all(map(alike, found, expected))
    return found is None if expected is None else bool(found == pytest.approx(expected, **EXACT))


def with_rows(change: Any) -> Ledger:
    return replace(LEDGER, rows=tuple(change(row) for row in LEDGER.rows))


@pytest.mark.parametrize(
    ("check_id", "changes", "limit", "value", "margin", "status", "unit"),
    [
        ("overall_mflops", {}, 700, 691.3536, 8.6464, "pass", "MFLOPS"),
        ("overall_mflops", {"overall_mflops": 600}, 600, 691.3536, -91.3536, "fail", "MFLOPS"),
        ("receive_mflops", {}, 300, 296.832, 3.168, "pass", "MFLOPS"),
        ("receive_mflops", {"receive_mflops": 200}, 200, 296.832, -96.832, "fail", "MFLOPS"),
        ("total_latency_ms", {}, 30, 30, 0, "pass", "ms"),
        ("total_latency_ms", {"total_latency_ms": 25}, 25, 30, -5, "fail", "ms"),
        ("sample_rate_hz", {}, 24_000, 24_000, 0, "pass", "Hz"),
        ("sample_rate_hz", {"sample_rate_hz": 16_000}, 16_000, 24_000, 8_000, "fail", "Hz"),
        ("sample_rate_hz", {"sample_rate_hz": 48_000}, 48_000, 24_000, 24_000, "fail", "Hz"),
        ("bitrates_kbps", {}, (1, 6), (1, 6), (0, 0), "pass", "kbps"),
        (
            *("bitrates_kbps", {"bitrates_kbps": (0.5, 7)}, (0.5, 7)),
            *((None, 6), (None, 1), "fail", "kbps"),
        ),
    ],
)
def test_known_figures(
    check_id: str, changes: Any, limit: Any, value: Any, margin: Any, status: str, unit: str
) -> None:
    found = checks(**changes)[check_id]
    assert (found.id, found.limit, found.status, found.unit) == (check_id, limit, status, unit)
    assert alike(found.value, value) and alike(found.margin, margin)


def test_a_limit_in_flops_is_halved_for_macs() -> None:
    found = checks(convention="macs")
    assert found["overall_mflops"] == Check(
        "overall_mflops", 350, pytest.approx(345.6768), pytest.approx(4.3232), "pass", "MMAC/s"
    )


def test_an_undivided_codec_has_no_receive_side() -> None:
    def undivided(row: Row) -> Row:
        return row._replace(side="undivided", stage="undivided")

    found = checks(with_rows(undivided))
    assert found["receive_mflops"] == Check(
        "receive_mflops", 300, None, None, "incomplete", "MFLOPS"
    )
    assert found["overall_mflops"].status == "pass"


def test_a_delay_without_bound() -> None:
    """Of a design that is known, and breaks the limit; of a measured codec no bound was found."""
    ledger = with_rows(lambda row: row._replace(delay_samples=None))
    expected = Check("total_latency_ms", 30, None, None, "fail", "ms")
    assert checks(ledger)["total_latency_ms"] == expected
    measured = checks(replace(ledger, measured=True))["total_latency_ms"]
    assert measured == expected._replace(status="incomplete")


def test_bitrates_that_are_not_known() -> None:
    unknown = replace(LEDGER, bitrates_kbps=(), mode=Mode(None, None, None))
    assert checks(unknown)["bitrates_kbps"] == Check(
        "bitrates_kbps", (1, 6), None, None, "incomplete", "kbps"
    )


@pytest.mark.parametrize(
    "change",
    [{"problem": "its length is not known"}, {"work": {"a kind nobody knows": 1}}],
    ids=["problem", "kind"],
)
def test_uncounted_work_proves_no_limit_and_breaks_none(change: dict[str, Any]) -> None:
    """Whatever is uncounted only adds: a limit that is broken without it is broken."""
    first = LEDGER.rows[0].name
    ledger = with_rows(lambda row: row._replace(**change) if row.name == first else row)
    assert checks(ledger)["overall_mflops"].status == "incomplete"
    assert checks(ledger, overall_mflops=600)["overall_mflops"].status == "fail"


def test_edits_of_a_sheet_replace_fields_of_its_limits() -> None:
    assert edited_limits(TRACK1, {}, "x.xlsx") is TRACK1
    found = edited_limits(TRACK1, {"overall_mflops": 500, "total_latency_ms": None}, "x.xlsx")
    assert found == LimitSet(
        name=EDITED_LIMITS,
        source="",
        convention="lrac-2025",
        sample_rate_hz=24_000,
        bitrates_kbps=(1, 6),
        overall_mflops=500,
        receive_mflops=300,
        total_latency_ms=None,
    )
    assert edited_limits(TRACK1, {"bitrates_kbps": [3]}, "x.xlsx").bitrates_kbps == (3,)
    with pytest.raises(InputError, match=r"^x\.xlsx: overall_mflops: given -1; allowed: a posi"):
        edited_limits(TRACK1, {"overall_mflops": -1}, "x.xlsx")


def test_the_schema_wants_a_bound() -> None:
    schema = limits_schema()
    assert schema["title"] == "Limits that a codec must keep to"
    bounds = ("sample_rate_hz", "bitrates_kbps", "overall_mflops", "receive_mflops")
    bounds += ("total_latency_ms", "overall_mmacs_per_s", "parameters_millions", "stored_bytes")
    bounds += ("transmit_stored_bytes", "receive_stored_bytes")
    bounds += ("state_bytes", "transmit_state_bytes", "receive_state_bytes")
    bounds += ("scratch_bytes", "transmit_scratch_bytes", "receive_scratch_bytes")
    bounds += ("frame_multiple_ms", "sample_rates_hz")
    assert schema["anyOf"] == [{"required": [n]} for n in bounds]


def test_a_limit_set_is_found_by_name_or_path(tmp_path: Path) -> None:
    path = tmp_path / "own limits.yaml"
    path.write_text("name: ours\nconvention: macs\noverall_mflops: 5\n")
    expected = LimitSet(name="ours", convention="macs", overall_mflops=5)
    assert load_limits(path) == load_limits(str(path)) == expected
    names = "lrac-2025-track1, lrac-2025-track2, ulbc-proposal-2026-02"
    allowed = f"a file, or one of {names}; did you mean lrac-2025-track1"
    with pytest.raises(
        InputError, match=f"limits: given no such limit set: .*; allowed: {allowed}"
    ):
        load_limits("lrac-2025-trac1")


def test_with_a_doubt_nothing_is_proved_under_any_convention() -> None:
    totals, convention = Totals(LEDGER), CONVENTIONS["lrac-2025"]
    verdict = judge(LEDGER, totals, TRACK1, convention, ("two witnesses differ",))
    assert (verdict.status, verdict.doubts) == ("incomplete", ("two witnesses differ",))
    assert other_verdicts(LEDGER, totals, verdict) == []


def test_a_bad_limit_set_made_in_python_is_named() -> None:
    with pytest.raises(InputError, match=r"^ours: overall_mflops: given 0; allowed: a positive"):
        LimitSet(name="ours", convention="macs", overall_mflops=0)
