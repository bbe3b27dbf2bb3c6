"""The band of WMOPS beside the estimate by operators."""

from __future__ import annotations

import pytest

from lrac_audit import audit
from lrac_audit.ledger.wmops_band import wmops_band
from lrac_audit.report.audit_sentences import remarks


def test_the_band_is_that_of_the_paper_times_the_macs() -> None:
    """The Track 1 baseline: 377.472 / 2 = 188.736 and 296.832 / 2 = 148.416 MMAC/s."""
    found = audit("track1")
    encoder, decoder = (
        wmops_band(found.ledger, found.totals, part) for part in ("encoder", "decoder")
    )
    assert encoder == pytest.approx((1.20 * 188.736, 1.73 * 188.736))
    assert decoder == pytest.approx((2.65 * 148.416, 3.13 * 148.416))


@pytest.mark.parametrize(("convention", "shown"), [("wmops-estimate", True), ("full", False)])
def test_the_band_stands_beside_the_estimate_alone(convention: str, shown: bool) -> None:
    lines = " ".join(remarks(audit("track1", convention=convention)))
    text = "encoder 226.5 to 326.5, decoder 393.3 to 464.5 WMOPS here"
    assert (text in lines) is shown
