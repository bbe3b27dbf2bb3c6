"""Checks of the newer limits in full, with margin and unit, and advice on their edges."""

from __future__ import annotations

import runpy
from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits import Check, LimitSet, complexity, load_limits
from lrac_audit.limits.check import Evidence
from lrac_audit.limits.registry import LIMIT_KINDS

ABSORBED = audit("track1").ledger
PROJECTED = audit("track1", rvq="projected").ledger


def checked(bound: str, limit: Any, ledger: Ledger = ABSORBED) -> tuple[Check, Evidence]:
    limits = LimitSet(name="own", convention="lrac-2025", **{bound: limit})
    evidence = Evidence(ledger, Totals(ledger), limits, CONVENTIONS["lrac-2025"])
    return LIMIT_KINDS[bound].check(evidence, limit), evidence


def advice(bound: str, limit: Any, ledger: Ledger) -> list[str]:
    check, evidence = checked(bound, limit, ledger)
    return list(LIMIT_KINDS[bound].shortfall(check, evidence))


def test_a_check_of_macs() -> None:
    """Half of the 691.3536 MFLOPS of Track 1."""
    check, _ = checked("overall_mmacs_per_s", 400)
    value, margin = pytest.approx(345.6768), pytest.approx(54.3232)
    assert check == Check("overall_mmacs_per_s", 400, value, margin, "pass", "MMAC/s")


def test_a_check_of_bytes() -> None:
    """1,484,121 values of a device, as the weights, codebooks, projections and tables add up."""
    check, _ = checked("stored_bytes", 6_000_000)
    assert check == Check("stored_bytes", 6_000_000, 5_936_484, 63_516, "pass", "bytes")


def test_absorption_is_advised_in_macs() -> None:
    """The projected form takes 347.9808 MMAC/s on both sides, 1.152 more on each than absorbed."""
    limits = LimitSet(name="own", convention="lrac-2025", overall_mmacs_per_s=346)
    found = audit("track1", limits=limits, rvq="projected")
    assert found.advice[0].rvq == "absorbed"
    assert found.advice[0].text == (
        "absorb the output projections: overall_mmacs_per_s 345.677 of 346"
    )


def test_a_frame_that_is_no_whole_number_of_samples() -> None:
    """2.5 ms are 110.25 samples at 44.1 kHz, and 20 ms are 882."""
    ledger = replace(ABSORBED, sample_rate_hz=44_100, hop_samples=100)
    assert advice("frame_multiple_ms", 2.5, ledger) == ["use a frame of 2.5 ms"]
    assert advice("frame_multiple_ms", 20, ledger) == ["use a frame of 20 ms, 882 samples"]


def test_only_a_proposal_is_called_one() -> None:
    proposal = "ulbc-proposal-2026-02"
    assert load_limits("lrac-2025-track1").title == "lrac-2025-track1"
    assert load_limits(proposal).title == f"{proposal} (proposal of 2026-02, not agreed)"


def test_the_kinds_of_limits_on_cost() -> None:
    """They are made while their module is imported, so the module is run anew here."""
    module = runpy.run_path(complexity.__file__, run_name=complexity.__name__)
    limits = LimitSet(name="own", convention="lrac-2025", overall_mflops=690, receive_mflops=298)
    evidence = Evidence(PROJECTED, Totals(PROJECTED), limits, CONVENTIONS["lrac-2025"])
    overall, receive = module["OVERALL"], module["RECEIVE"]
    both = overall.check(evidence, 690), receive.check(evidence, 298)
    assert [(check.id, check.value, check.limit) for check in both] == [
        ("overall_mflops", pytest.approx(695.9616), 690),
        ("receive_mflops", pytest.approx(299.136), 298),
    ]
    first, second = (
        next(kind.shortfall(check, evidence))
        for kind, check in zip((overall, receive), both, strict=True)
    )
    assert first.startswith("take out 5.9616 MFLOPS, 0.9 %; most is in encoder.blocks.3.residual.1")
    assert second.startswith("take out 1.136 MFLOPS, 0.4 %; most is in decoder.blocks.0.residual.1")
