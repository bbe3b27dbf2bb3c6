"""Advice on one limit: the least change, in words, and what it leaves as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import Audit, CodecDesign, audit
from lrac_audit.auditing.targets import measured_source
from lrac_audit.design.parts import (
    Decoder,
    DecoderBlock,
    DownConv,
    Encoder,
    EncoderBlock,
    Quantizer,
    UpConv,
)
from lrac_audit.ledger.row import Mode
from lrac_audit.limits import LimitSet, judge, load_limits
from lrac_audit.limits.advice import most_costly
from lrac_audit.limits.check import Evidence, amounts
from lrac_audit.limits.registry import LIMIT_KINDS
from tests.lrac_audit.ledger.test_operations import TOY

BASE = load_limits("lrac-2025-track1")
STORED = ("stored", "state")


def edited(part: Any, path: list[str], change: dict[str, Any]) -> Any:
    """``part`` with the fields of ``change`` replaced at ``path``, such as blocks.0.down."""
    if not path:
        return replace(part, **change)
    step, *rest = path
    if isinstance(part, tuple):
        i = int(step)
        return (*part[:i], edited(part[i], rest, change), *part[i + 1 :])
    return replace(part, **{step: edited(getattr(part, step), rest, change)})


def advice(design: CodecDesign, check_id: str, **options: Any) -> list[str]:
    found = audit(design, **options)
    broken = {check.id: check for check in found.verdict.checks if check.status == "fail"}
    return [remedy.text for remedy in found.remedies(broken[check_id])]


def status(design: CodecDesign, check_id: str, **options: Any) -> str:
    checks = {check.id: check for check in audit(design, **options).verdict.checks}
    return checks[check_id].status


@pytest.mark.parametrize("track", ["track1", "track2"])
@pytest.mark.parametrize(
    ("check_id", "limit"),
    [("overall_mflops", 0.99), ("receive_mflops", 0.98), ("overall_mflops", 0.999)],
)
def test_a_shorter_kernel_that_is_advised_keeps_the_limit(
    track: str, check_id: str, limit: float
) -> None:
    design = audit(track).design
    value = {c.id: c for c in audit(track).verdict.checks}[check_id].value
    limits: dict[str, Any] = {check_id: value * limit}
    options = {"limits": LimitSet(name="own", convention="lrac-2025", **limits)}
    advised = advice(design, check_id, **options)
    assert advised
    for text in advised:
        match = re.fullmatch(rf"kernel (\d+) to (\d+) in (\S+): {check_id} .*", text)
        assert match, text
        old, new, name = int(match[1]), int(match[2]), match[3].split(".")
        assert status(edited(design, name, {"kernel": new}), check_id, **options) == "pass"
        if new + 1 < old:
            smaller_step = edited(design, name, {"kernel": new + 1})
            assert status(smaller_step, check_id, **options) == "fail"


def test_narrower_widths_are_advised_when_no_kernel_is_enough() -> None:
    """Costs are quadratic in widths: the square root of 297 / 594.048 is 0.707."""
    limits = LimitSet(name="own", convention="lrac-2025", receive_mflops=297)
    (text,) = advice(audit("track2").design, "receive_mflops", limits=limits)
    match = re.fullmatch(r"scale the widths of the decoder to (\d+) % .*: receive_mflops .*", text)
    assert match and 66 <= int(match[1]) <= 74


def test_absorbing_is_advised_where_it_is_enough() -> None:
    found = advice(audit("track2").design, "receive_mflops", rvq="projected")
    assert found[0] == "absorb the output projections: receive_mflops 594.048 of 600"


@pytest.mark.parametrize(("limit", "is_enough"), [(594.048, True), (594.0479, False)])
def test_absorbing_is_advised_alone_only_where_it_is_enough(limit: float, is_enough: bool) -> None:
    """Absorbed, the receive side of Track 2 takes 594.048 MFLOPS."""
    limits = LimitSet(name="own", convention="lrac-2025", receive_mflops=limit)
    found = advice(audit("track2").design, "receive_mflops", limits=limits, rvq="projected")
    alone = [text for text in found if text.startswith("absorb the output projections: ")]
    assert bool(alone) == is_enough


def test_absorbing_is_not_advised_where_it_saves_nothing() -> None:
    design = audit("track1").design
    plain = replace(design, quantizer=replace(design.quantizer, codebook_dim=None))
    options = {"limits": replace(BASE, overall_mflops=600), "rvq": "projected"}
    found = advice(plain, "overall_mflops", **options)
    assert found and not any("absorb" in text for text in found)


def test_layers_of_both_sides_are_advised_for_the_whole() -> None:
    """0.3536 MFLOPS are over. The least shortening: one tap of 21, then one of 10.

    A tap of the last convolution, 8 channels to one at 24 kHz, takes 2 x 8 x 24,000 = 0.384 MFLOPS;
    one of the last strided convolution, 64 to 160 at 100 Hz, 2 x 64 x 160 x 100 = 2.048.
    """
    options = {"limits": replace(BASE, overall_mflops=691)}
    assert advice(audit("track1").design, "overall_mflops", **options)[:2] == [
        "kernel 21 to 20 in decoder.output: overall_mflops 690.97 of 691",
        "kernel 10 to 9 in encoder.blocks.3.down: overall_mflops 689.306 of 691",
    ]


@pytest.mark.parametrize(
    ("down", "advised"),
    [
        (DownConv(1, 5, 4), "kernel 5 to 4 in encoder.blocks.0.down"),
        (DownConv(1, 2, 1), "kernel 2 to 1 in encoder.blocks.0.down"),
        # Two taps with a gap reach three samples, which is the stride.
        (DownConv(1, 3, 3, 2), "kernel 3 to 2 in encoder.blocks.0.down"),
        (DownConv(1, 4, 4), None),
    ],
)
def test_a_kernel_still_reaches_its_stride(down: DownConv, advised: str | None) -> None:
    """A million frames a second, a product for each tap: 2 MFLOPS a tap.

    The transposed convolution, whose kernel is its stride, has as many taps as that; the search of
    two codewords of one value takes two products.
    """
    stride = down.stride
    design = CodecDesign(
        name="one layer",
        sample_rate_hz=stride * 1_000_000,
        encoder=Encoder(blocks=(EncoderBlock((), down),)),
        quantizer=Quantizer(layers=1, codebook_size=2),
        decoder=Decoder(blocks=(DecoderBlock(UpConv(1, stride, stride), ()),)),
    )
    overall = 2 * (down.kernel + 2 + stride)
    limits = LimitSet(name="x", convention="lrac-2025", overall_mflops=overall - 1)
    found = advice(design, "overall_mflops", limits=limits)
    if advised is None:
        (statement,) = found
        assert statement.startswith("take out 1 MFLOPS, 5.0 %; most is in encoder.blocks.0.down 8")
    else:
        assert found == [f"{advised}: overall_mflops {overall - 2} of {overall - 1}"]


@pytest.mark.parametrize(
    ("limit", "advised"),
    # The receive side takes 112 FLOPs a frame at 50 frames/s: 16 a tap of the transposed
    # convolution (kernel 5, stride 2), 8 a tap of the output layer (kernel 4).
    [
        # 20 a frame too many: 2 of 5 taps, or 3 of 4, which is the larger share
        (
            92,
            [
                "kernel 5 to 3 in decoder.blocks.0.up: receive_mflops 0.004 of 0.0046",
                "kernel 4 to 1 in decoder.output: receive_mflops 0.0044 of 0.0046",
            ],
        ),
        # 38 too many: 3 taps of the first, whose kernel is then its stride; 5 of the other's 4
        (74, ["kernel 5 to 2 in decoder.blocks.0.up: receive_mflops 0.0032 of 0.0037"]),
    ],
)
def test_kernels_of_transposed_convolutions_are_shortened_to_their_stride(
    limit: int, advised: list[str]
) -> None:
    limits = LimitSet(name="toy", convention="lrac-2025", receive_mflops=limit * 50 / 1e6)
    assert advice(TOY, "receive_mflops", limits=limits) == advised


def test_a_kernel_shorter_than_its_stride_is_not_advised() -> None:
    """50 of 112 a frame too many: 4 of 5 taps fewer would leave gaps between the steps."""
    limits = LimitSet(name="toy", convention="lrac-2025", receive_mflops=62 * 50 / 1e6)
    found = advice(TOY, "receive_mflops", limits=limits)
    assert found and not any(text.startswith("kernel") for text in found)


@pytest.mark.parametrize(
    ("limit_ms", "saved_ms"),
    # Of the 30 ms, three layers look ahead by 3, 7 and 10 ms. Advised are the two smallest that are
    # enough alone; where none is, as many of the largest as it takes.
    [(29, [3, 7]), (24, [7, 10]), (20, [10]), (15, [10 + 7]), (13, [10 + 7]), (11, [10 + 7 + 3])],
)
def test_causality_that_is_advised_keeps_the_latency(limit_ms: float, saved_ms: list[int]) -> None:
    design = audit("track1").design
    limits = LimitSet(name="own", convention="lrac-2025", total_latency_ms=limit_ms)
    advised = advice(design, "total_latency_ms", limits=limits)
    assert len(advised) == len(saved_ms)
    for text, saved in zip(advised, saved_ms, strict=True):
        made, _, outcome = text.partition(": ")
        assert outcome == f"total_latency_ms {30 - saved} of {limit_ms}"
        mended = design
        for change in made.split(" and "):
            match = re.fullmatch(r"make (\S+) causal", change)
            assert match, text
            mended = edited(mended, match[1].split("."), {"causal": True})
        assert status(mended, "total_latency_ms", limits=limits) == "pass"


def test_trimming_on_the_right_is_advised_for_a_transposed_convolution() -> None:
    """Two samples of 500 Hz wait for 4 ms."""
    up = ["decoder", "blocks", "0", "up"]
    design = edited(audit("track1").design, up, {"kernel": 5, "stride": 5, "trim_left": 0})
    design = edited(design, up, {"kernel": 6, "trim_left": 1})
    limits = LimitSet(name="own", convention="lrac-2025", total_latency_ms=31)
    advised = advice(design, "total_latency_ms", limits=limits)
    assert advised[0] == "trim decoder.blocks.0.up on the right: total_latency_ms 30 of 31"
    assert status(edited(design, up, {"trim_left": 0}), "total_latency_ms", limits=limits) == "pass"


def test_a_hop_over_the_limit_is_shortened() -> None:
    """A causal codec waits for a hop, 10 ms; with a stride of 4 for 5 it is 8 ms."""
    limits = LimitSet(name="own", convention="lrac-2025", total_latency_ms=9)
    (text,) = advice(audit("track1").design, "total_latency_ms", limits=limits)[:1]
    assert text.endswith(
        "causal, and stride 5 to 4 in encoder.blocks.3.down and decoder.blocks.0.up: "
        "total_latency_ms 8 of 9"
    )
    limits = replace(limits, total_latency_ms=10)  # which a causal codec keeps
    (text,) = advice(audit("track1").design, "total_latency_ms", limits=limits)
    assert text.count(" causal") == 3 and text.endswith(": total_latency_ms 10 of 10")


def test_missing_modes_are_advised() -> None:
    design = audit("track1").design
    only_high = replace(design, quantizer=replace(design.quantizer, modes=(3, 6)))
    assert advice(only_high, "bitrates_kbps") == ["add a mode of 1 layer: 1 kbps"]
    tiny = {"limits": replace(BASE, bitrates_kbps=(0.5,))}
    # 5 bits, 100 times a second; or 10 bits at half of the rate, which is too late
    assert advice(design, "bitrates_kbps", **tiny) == ["quantizer.codebook_size 1024 to 32"]


def test_a_missing_mode_has_as_many_layers_as_the_bitrate_holds() -> None:
    """512 codewords take 9 bits, 100 times a second: 0.9 kbps a layer, of which 2 fit into 2."""
    design = audit("track1").design
    quantizer = replace(design.quantizer, codebook_size=512, modes=(6,))
    options = {"limits": replace(BASE, bitrates_kbps=(2, 6))}
    advised = advice(replace(design, quantizer=quantizer), "bitrates_kbps", **options)
    assert advised[0] == "add a mode of 2 layers: 1.8 kbps"


def measured_alike(**changes: Any) -> Audit:
    """An audit of Track 1 as if its ledger had been measured, with ``changes`` to the ledger."""
    found = audit("track1", limits=replace(BASE, total_latency_ms=15, bitrates_kbps=(0.5,)))
    ledger = replace(found.ledger, **changes)
    verdict = judge(ledger, found.totals, found.verdict.limits, found.convention)
    return replace(found, ledger=ledger, verdict=verdict, target=measured_source("python:a:b"))


def test_a_codec_whose_layers_are_not_known_gets_no_advice_on_modes() -> None:
    found = measured_alike(mode=Mode(None, None, 6.0))
    (check,) = (check for check in found.verdict.checks if check.id == "bitrates_kbps")
    assert check.status == "fail" and found.remedies(check) == []


def test_a_measured_codec_is_told_how_much_must_go_and_where_it_is() -> None:
    """Nothing is claimed of a change that cannot be audited. Three layers wait 10, 7 and 3 ms."""
    found = measured_alike()
    (check,) = (check for check in found.verdict.checks if check.id == "total_latency_ms")
    (statement,) = found.remedies(check)
    assert not statement.is_change and found.advice == []
    assert statement.text == (
        "take out 15 ms of look-ahead; most is in decoder.blocks.0.residual.0.convs.0 10, "
        "encoder.blocks.2.residual.1.convs.0 7, encoder.blocks.2.residual.0.convs.0 3"
    )


@pytest.mark.parametrize(
    "bound",
    [
        "overall_mflops",
        "receive_mflops",
        "overall_mmacs_per_s",
        "parameters_millions",
        *(f"{side}{kind}_bytes" for side in ("", "transmit_", "receive_") for kind in STORED),
    ],
)
def test_the_parts_of_all_rows_are_the_value(bound: str) -> None:
    limits = LimitSet(name="own", convention="lrac-2025", **{bound: 1})
    for target in ("track1", "mimi-24khz"):
        found = audit(target, limits=limits)
        evidence = Evidence(found.ledger, found.totals, limits, found.convention)
        (check,) = found.verdict.checks
        parts = amounts(LIMIT_KINDS[bound], evidence)
        found_amounts = [part.amount for part in parts]
        assert sum(found_amounts) == pytest.approx(check.value)
        assert found_amounts == sorted(found_amounts, reverse=True)


def test_dearest_layers() -> None:
    # 64 -> 64 channels at 500 Hz with 7 taps: 2 * 64 * 64 * 7 * 500 = 28.672 MFLOPS, twice
    found = audit("track1")
    dearest = most_costly(found.ledger, found.convention)
    assert [cost.mflops for cost in dearest] == [28.672, 28.672, 20.48]
    assert dearest[0].row.name == "encoder.blocks.3.residual.1.convs.0"
