"""A mode is chosen by its bitrate, to the digits that a report prints."""

from __future__ import annotations

import pytest

from lrac_audit.design.modes import matching_bitrate, mode_index
from lrac_audit.errors import InputError


@pytest.mark.parametrize(
    ("wanted_kbps", "index"),
    [(1, 0), (5.16797, 1), (5.168, 1), (5.1674, None), (5.1686, None), (6.0005, 2), (6.0007, None)],
)
def test_a_bitrate_matches_within_a_ten_thousandth(wanted_kbps: float, index: int | None) -> None:
    assert matching_bitrate([1, 5.16796875, 6], wanted_kbps) == index


def test_the_highest_mode_is_the_default() -> None:
    assert mode_index([1, 3, 6], None, "the codec") == 2
    assert mode_index([1, 3, 6], 1, "the codec") == 0


@pytest.mark.parametrize(
    ("bitrates_kbps", "allowed"),
    [([1, 5.5], "a mode of the design: 1, 5.5 kbps$"), ([], "no --bitrate; it has no modes$")],
)
def test_a_bitrate_without_a_mode_is_refused(bitrates_kbps: list[float], allowed: str) -> None:
    with pytest.raises(InputError, match=f"bitrate: given 3 kbps; allowed: {allowed}"):
        mode_index(bitrates_kbps, 3, "the design")


def test_the_tolerance_is_of_the_mode_s_own_bitrate() -> None:
    assert matching_bitrate([10_000], 10_001) == 0
    assert matching_bitrate([10_000], 10_001.1) is None


def test_the_source_of_a_refused_bitrate_is_the_options() -> None:
    with pytest.raises(InputError) as caught:
        mode_index([1], 3, "the codec")
    assert caught.value.source == "options"
