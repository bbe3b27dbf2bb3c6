"""The assertion for the tests of other projects."""

from __future__ import annotations

import pytest

from lrac_audit import InputError
from lrac_audit.limits import load_limits
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.testing import assert_within


def test_it_returns_the_audit_of_what_keeps_its_limits() -> None:
    found = assert_within("track2", load_limits("lrac-2025-track2"))
    assert found.totals.cost("overall", found.convention).macs_per_frame == 12_884_736


def test_it_says_what_is_broken_and_what_would_mend_it() -> None:
    """As trained, the receiver of Track 2 does 603.264 MFLOPS of 600."""
    with pytest.raises(AssertionError) as caught:
        assert_within("track2", "lrac-2025-track2", rvq="projected")
    first, second, *remedies = str(caught.value).splitlines()
    assert first == "track2: fail (lrac-2025-track2)"
    assert second == "- receive_mflops fail: 603.264 MFLOPS, limit 600, margin -3.264"
    assert remedies and all(line.startswith("  - ") for line in remedies)
    assert any("absorb" in line for line in remedies)


def test_incomplete_evidence_is_no_pass() -> None:
    limits = LimitSet(name="own", convention="lrac-2025", bitrates_kbps=(6,))
    data = {
        "lrac_audit_design": 1,
        "name": "no quantizer",
        "sample_rate_hz": 8000,
        "encoder": {"layers": [{"conv": {"kernel": 8, "stride": 8, "channels": 4}}]},
        "quantizer": "none",
        "decoder": {"layers": [{"transposed_conv": {"kernel": 8, "stride": 8, "channels": 1}}]},
    }
    with pytest.raises(AssertionError, match="bitrates_kbps incomplete"):
        assert_within(data, limits)


def test_bad_input_is_no_failed_assertion() -> None:
    with pytest.raises(InputError, match="no such file"):
        assert_within("nowhere.yaml")
