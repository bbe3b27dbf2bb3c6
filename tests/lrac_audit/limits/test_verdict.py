from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrac_audit import CodecDesign, InputError, audit
from lrac_audit.design.parts import Quantizer
from lrac_audit.limits import load_limits
from lrac_audit.limits.limit_set import LimitSet

TRACK1 = audit("track1").design
GOOD = "name: ours\nconvention: full\noverall_mflops: 500\n"


def limits(**changes: Any) -> LimitSet:
    return replace(load_limits("lrac-2025-track1"), **changes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lrac-2025-track1", (24000, (1, 6), 700, 300, 30)),
        ("lrac-2025-track2", (24000, (1, 6), 2600, 600, 50)),
    ],
)
def test_shipped_limits_are_the_rules(name: str, expected: tuple[object, ...]) -> None:
    found = load_limits(name)
    assert found.bounds[: len(expected)] == expected
    assert not any(found.bounds[len(expected) :])
    assert found.convention == "lrac-2025"


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"overall_mflops": 691.3536}, []),
        ({"overall_mflops": 691.3535}, ["overall_mflops"]),
        ({"receive_mflops": 296.832}, []),
        ({"receive_mflops": 296.8319}, ["receive_mflops"]),
        ({"total_latency_ms": 29.999}, ["total_latency_ms"]),
        ({"sample_rate_hz": 16000}, ["sample_rate_hz"]),
        ({"bitrates_kbps": (0.5, 6)}, ["bitrates_kbps"]),
        ({"bitrates_kbps": (1, 6, 12)}, []),
        ({"overall_mflops": 1, "total_latency_ms": 1}, ["overall_mflops", "total_latency_ms"]),
    ],
)
def test_each_limit_holds_to_the_digit(changes: dict[str, object], broken: list[str]) -> None:
    verdict = audit("track1", limits=limits(**changes)).verdict
    assert [check.id for check in verdict.checks if check.status == "fail"] == broken
    assert verdict.status == ("fail" if broken else "pass")


@pytest.mark.parametrize(
    ("modes", "served"),
    [
        ((1, 6), (1.0, 6.0)),
        ((1,), (1.0, 1.0)),
        ((2, 6), (None, 6.0)),
        ((1, 3, 6), (1.0, 6.0)),
        ((), (None, 6.0)),
    ],
)
def test_one_system_serves_both_bitrates(
    modes: tuple[int, ...], served: tuple[float | None, ...]
) -> None:
    design = replace(TRACK1, quantizer=replace(TRACK1.quantizer, modes=modes))
    found = {check.id: check for check in audit(design).verdict.checks}["bitrates_kbps"]
    assert found.value == served
    assert found.status == ("fail" if None in served else "pass")


def test_bits_per_index_are_whole_bits() -> None:
    # 1000 codewords still take 10 bits in a packed stream, 1025 take 11.
    for size, kbps in ((1000, 6.0), (1024, 6.0), (1025, 6.6)):
        design = replace(TRACK1, quantizer=Quantizer(6, size, 12, (1, 6)))
        assert audit(design).ledger.mode.bitrate_kbps == pytest.approx(kbps, rel=1e-12)


def test_limits_default_to_the_design_then_to_the_strictest() -> None:
    nameless: CodecDesign = replace(TRACK1, limits=None)
    found = audit(nameless)
    assert (found.verdict.limits.name, found.limits_are_default) == ("lrac-2025-track1", True)
    assert audit("track2").verdict.limits.name == "lrac-2025-track2"
    assert not audit("track2").limits_are_default


def test_a_design_names_limits_but_never_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(GOOD)
    with pytest.raises(InputError, match=r"limits: given .*; allowed: one of lrac-2025-track1"):
        audit(replace(TRACK1, limits=str(path)))
    assert audit(TRACK1, limits=path).verdict.limits.name == "ours"


def test_verdict_under_another_convention_is_reported() -> None:
    # The projected Track 1 baseline needs 695.9616 MFLOPS, 14.7456 of them in the search.
    strict = limits(overall_mflops=690)
    found = audit("track1", rvq="projected", limits=strict)
    assert found.verdict.status == "fail"
    others = {verdict.convention.name: verdict.status for verdict in found.other_verdicts}
    assert others == {"lrac-2025-no-search": "pass"}


def test_macs_are_held_to_half_of_a_limit_in_flops() -> None:
    verdict = audit("track2", rvq="projected", convention="macs").verdict
    found = {check.id: check for check in verdict.checks}["receive_mflops"]
    assert (found.limit, found.value, found.unit) == (300, pytest.approx(301.632), "MMAC/s")
    assert verdict.status == "fail"


def test_own_limits_file(tmp_path: Path) -> None:
    path = tmp_path / "our limits.yaml"
    path.write_text(GOOD)
    found = audit("track1", limits=path)
    assert [check.id for check in found.verdict.checks] == ["overall_mflops"]
    assert (found.convention.name, found.verdict.status) == ("full", "fail")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [": given None; allowed: a mapping"]),
        ("name: ours\n", [": convention: given nothing; allowed: one of lrac-2025, "]),
        ("[]", [": given []; allowed: a mapping"]),
        ("name: x\nconvention: lrac-2025\n", [": given no limit; allowed: at least one"]),
        (
            GOOD + "receive_mflops: -1\ntotal_latency_ms: .nan\nsample_rate_hz: 24e3\nspeed: 1\n",
            [
                ":4: receive_mflops: given -1; allowed: a positive number",
                ":5: total_latency_ms: given nan; allowed: a positive number",
                ":6: sample_rate_hz: given 24000.0; allowed: a whole number from 1 to 10000000",
                ":7: speed: given an unknown key; allowed: one of name, source, proposed",
            ],
        ),
        (GOOD + "bitrates_kbps: [1, no]\n", [":4: bitrates_kbps[1]: given False"]),
        (GOOD + "bitrates_kbps: 6\n", [":4: bitrates_kbps: given 6; allowed: a list"]),
    ],
)
def test_bad_limits_file_names_every_problem(
    tmp_path: Path, text: str, problems: list[str]
) -> None:
    path = tmp_path / "limits.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_limits(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(problems)
    for problem in problems:
        assert any(f"{path}{problem}" in line for line in lines), lines
