"""The proposed limits of an ultra-low bitrate codec, on designs small enough to count by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import InputError, audit
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.memory import device_values
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits import Check, LimitSet, judge, load_limits
from lrac_audit.limits.advice import shortfalls
from lrac_audit.limits.check import Evidence
from tests.conftest import Result

Run = Callable[..., Result]
LEDGER = audit("track1").ledger
PROPOSAL = load_limits("ulbc-proposal-2026-02")
ENCODER, DECODER, CODEBOOKS = 255_392, 160_369, 73_728
PROJECTIONS_IN, PROJECTIONS_OUT = 11_592, 12_480


def check(bound: str, limit: Any, ledger: Ledger = LEDGER, convention: str = "lrac-2025") -> Check:
    limits = LimitSet(name="one", convention="lrac-2025", **{bound: limit})
    (found,) = judge(ledger, Totals(ledger), limits, CONVENTIONS[convention]).checks
    return found


def test_the_parameters_of_a_device_are_those_of_the_model() -> None:
    """Parameters as the README counts them: codebooks and projections are there once."""
    projected = audit("track1", rvq="projected").ledger
    expected = ENCODER + DECODER + CODEBOOKS + PROJECTIONS_IN + PROJECTIONS_OUT
    assert device_values(projected) == expected


def test_absorption_keeps_tables_in_place_of_output_projections() -> None:
    tables = 6 * 1024 * 160
    assert device_values(LEDGER) == ENCODER + DECODER + CODEBOOKS + PROJECTIONS_IN + tables


@pytest.mark.parametrize(("limit", "status"), [(1.5, "pass"), (1.4, "fail")])
def test_parameters_in_millions(limit: float, status: str) -> None:
    found = check("parameters_millions", limit)
    value = 1.484121  # the sum of the test above
    assert (found.value, found.status, found.unit) == (pytest.approx(value), status, "M")
    assert found.margin == pytest.approx(limit - value)


@pytest.mark.parametrize(("limit", "status"), [(5_936_484, "pass"), (5_936_483, "fail")])
def test_stored_bytes_at_four_a_value(limit: int, status: str) -> None:
    found = check("stored_bytes", limit)
    assert (found.value, found.margin, found.status) == (5_936_484, limit - 5_936_484, status)


@pytest.mark.parametrize("convention", ["lrac-2025", "macs", "full", "lrac-2025-no-search"])
def test_macs_are_counted_whatever_the_convention(convention: str) -> None:
    found = check("overall_mmacs_per_s", 345.6768, convention=convention)
    assert (found.value, found.status) == (pytest.approx(345.6768), "pass")
    assert check("overall_mmacs_per_s", 345.6, convention=convention).status == "fail"


def test_macs_are_not_known_where_work_is_not() -> None:
    rows = (LEDGER.rows[0]._replace(problem="its length is not known"), *LEDGER.rows[1:])
    ledger = replace(LEDGER, rows=rows)
    assert check("overall_mmacs_per_s", 400, ledger).status == "incomplete"
    assert check("overall_mmacs_per_s", 300, ledger).status == "fail"


@pytest.mark.parametrize(
    ("rate_hz", "hop", "multiple_ms", "frame_ms", "distance_ms", "status"),
    [
        (16_000, 320, 20, 20, 0, "pass"),
        (16_000, 640, 20, 40, 0, "pass"),
        (24_000, 240, 20, 10, 10, "fail"),  # ten from a frame of twenty: none has no length
        (24_000, 720, 20, 30, 10, "fail"),
        (44_100, 882, 20, 20, 0, "pass"),
        (48_000, 360, 2.5, 7.5, 0, "pass"),
        (44_100, 512, 20, 512 / 44.1, 20 - 512 / 44.1, "fail"),
    ],
)
def test_frames_of_a_multiple(
    rate_hz: int, hop: int, multiple_ms: float, frame_ms: float, distance_ms: float, status: str
) -> None:
    ledger = replace(LEDGER, sample_rate_hz=rate_hz, hop_samples=hop)
    found = check("frame_multiple_ms", multiple_ms, ledger)
    assert (found.value, found.margin) == (pytest.approx(frame_ms), pytest.approx(distance_ms))
    assert (found.limit, found.status, found.unit) == (multiple_ms, status, "ms")


@pytest.mark.parametrize(
    ("rates", "distance", "status"),
    [
        ((8000, 24_000), 0, "pass"),
        ((8000, 16_000, 32_000), 8000, "fail"),
        ((22_050,), 1950, "fail"),
    ],
)
def test_a_choice_of_sample_rates(rates: tuple[int, ...], distance: int, status: str) -> None:
    found = check("sample_rates_hz", rates)
    assert found == Check("sample_rates_hz", rates, 24_000, distance, status, "Hz")


@pytest.mark.parametrize(
    ("bound", "limit", "advised"),
    [
        ("frame_multiple_ms", 20, "use a frame of 20 ms, 480 samples"),
        ("sample_rates_hz", (8000, 16_000), "design the codec for one of 8000, 16000 Hz"),
        (
            "parameters_millions",
            1,
            "store 32.6 % less; quantizer.layers.0.lookup alone stores 163,840 values",
        ),
        # 345.6768 of 345; 64 x 64 channels and 7 taps, 500 times a second, are 14.336 M
        (
            "overall_mmacs_per_s",
            345,
            "take out 0.6768 MMAC/s, 0.2 %; most is in encoder.blocks.3.residual.1.convs.0 14.336, "
            "encoder.blocks.3.residual.2.convs.0 14.336, encoder.blocks.1.residual.0.convs.0 10.24",
        ),
    ],
)
def test_advice_on_a_broken_limit(bound: str, limit: Any, advised: str) -> None:
    limits = LimitSet(name="one", convention="lrac-2025", **{bound: limit})
    evidence = Evidence(LEDGER, Totals(LEDGER), limits, CONVENTIONS["lrac-2025"])
    assert advised in [each.text for each in shortfalls(check(bound, limit), evidence)]


def test_the_proposal_is_what_its_documents_propose() -> None:
    assert (PROPOSAL.overall_mmacs_per_s, PROPOSAL.parameters_millions) == (600, 3)
    assert (PROPOSAL.stored_bytes, PROPOSAL.frame_multiple_ms) == (15_000_000 * 4, 20)
    assert (PROPOSAL.sample_rates_hz, PROPOSAL.bitrates_kbps) == ((8000, 16_000, 32_000), (3,))
    assert PROPOSAL.proposed == "2026-02"


MARK = "ulbc-proposal-2026-02 (proposal of 2026-02, not agreed)"


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "track1", "--limits", PROPOSAL.name),
        ("audit", "track1", "--limits", PROPOSAL.name, "-f", "markdown"),
        ("check", "track1", "--limits", PROPOSAL.name),
        ("limits",),
    ],
)
def test_reports_mark_the_proposal_with_its_date(run: Run, command: tuple[str, ...]) -> None:
    assert MARK in " ".join(run(*command).out.split())


def test_the_document_dates_the_proposal(run: Run) -> None:
    found = json.loads(run("audit", "track1", "--limits", PROPOSAL.name, "-f", "json").out)
    assert found["limits"]["proposed"] == "2026-02"
    broken = [one["id"] for one in found["limits"]["checks"] if one["status"] == "fail"]
    assert broken == ["sample_rates_hz", "frame_multiple_ms"]
    assert audit("track1").document()["limits"]["proposed"] is None


def test_a_sheet_refuses_limits_that_it_has_no_cells_for() -> None:
    from lrac_audit.report.workbook.build import sheet_pages

    with pytest.raises(InputError, match=r"limits: given ulbc-.* with overall_mmacs_per_s, par"):
        sheet_pages(audit("track1", limits=PROPOSAL))
