"""Advice is true: a design that follows it is within the limit."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from lrac_audit import Audit, CodecDesign, audit
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
from tests.lrac_audit.ledger.test_operations import TOY

BASE = load_limits("lrac-2025-track1")


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
    return found.remedies(broken[check_id])


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
    options: dict[str, Any] = {"limits": replace(BASE, **{check_id: value * limit})}
    advised = advice(design, check_id, **options)
    assert advised
    for text in advised:
        match = re.fullmatch(r"kernel (\d+) to (\d+) in (\S+): .* less", text)
        assert match, text
        old, new, name = int(match[1]), int(match[2]), match[3].split(".")
        assert status(edited(design, name, {"kernel": new}), check_id, **options) == "pass"
        if new + 1 < old:
            smaller_step = edited(design, name, {"kernel": new + 1})
            assert status(smaller_step, check_id, **options) == "fail"


def test_narrower_widths_are_advised_when_no_kernel_is_enough() -> None:
    advised = advice(audit("track2").design, "receive_mflops", limits=BASE)
    assert advised == [
        "no single kernel is enough; widths of about 71 % everywhere would be"
    ]  # the square root of 300 / 594.048


def test_absorbing_is_advised_where_it_is_enough() -> None:
    found = advice(audit("track2").design, "receive_mflops", rvq="projected")
    assert found[0] == "absorb the output projections: 594.048 MFLOPS, within the limit"


@pytest.mark.parametrize(
    ("limit", "word"), [(594.048, "within the limit"), (594.0479, "still over it")]
)
def test_absorbing_says_whether_it_is_enough(limit: float, word: str) -> None:
    """Absorbed, the receive side of Track 2 takes 594.048 MFLOPS."""
    options = {"limits": replace(BASE, receive_mflops=limit), "rvq": "projected"}
    found = advice(audit("track2").design, "receive_mflops", **options)
    assert found[0] == f"absorb the output projections: 594.048 MFLOPS, {word}"


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
    assert advice(audit("track1").design, "overall_mflops", **options) == [
        "kernel 21 to 20 in decoder.output: 0.384 MFLOPS less",
        "kernel 10 to 9 in encoder.blocks.3.down: 2.048 MFLOPS less",
    ]


@pytest.mark.parametrize(
    ("down", "advised"),
    [
        (DownConv(1, 5, 4), "kernel 5 to 4 in encoder.blocks.0.down: 2 MFLOPS less"),
        (DownConv(1, 2, 1), "kernel 2 to 1 in encoder.blocks.0.down: 2 MFLOPS less"),
        # Two taps with a gap reach three samples, which is the stride.
        (DownConv(1, 3, 3, 2), "kernel 3 to 2 in encoder.blocks.0.down: 2 MFLOPS less"),
        # 20 MFLOPS with a limit of 19: the square root of 0.95 is 0.974...
        (DownConv(1, 4, 4), "no single kernel is enough; widths of about 97 % everywhere would be"),
    ],
)
def test_a_kernel_still_reaches_its_stride(down: DownConv, advised: str) -> None:
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
    assert advice(design, "overall_mflops", limits=limits) == [advised]


@pytest.mark.parametrize(
    ("limit", "advised"),
    # The receive side takes 112 FLOPs a frame at 50 frames/s: 16 a tap of the transposed
    # convolution (kernel 5, stride 2), 8 a tap of the output layer (kernel 4).
    [
        # 20 a frame too many: 2 of 5 taps, or 3 of 4, which is the larger share
        (
            92,
            [
                "kernel 5 to 3 in decoder.blocks.0.up: 0.0016 MFLOPS less",
                "kernel 4 to 1 in decoder.output: 0.0012 MFLOPS less",
            ],
        ),
        # 38 too many: 3 taps of the first, whose kernel is then its stride; 5 of the other's 4
        (74, ["kernel 5 to 2 in decoder.blocks.0.up: 0.0024 MFLOPS less"]),
        # 50 too many: 4 taps fewer would leave gaps between the steps; sqrt(62 / 112) = 0.744
        (62, ["no single kernel is enough; widths of about 74 % everywhere would be"]),
    ],
)
def test_kernels_of_transposed_convolutions_are_shortened_to_their_stride(
    limit: int, advised: list[str]
) -> None:
    limits = LimitSet(name="toy", convention="lrac-2025", receive_mflops=limit * 50 / 1e6)
    assert advice(TOY, "receive_mflops", limits=limits) == advised


@pytest.mark.parametrize(
    ("limit_ms", "saved_ms"),
    # Of the 30 ms, three layers look ahead by 3, 7 and 10 ms. Advised are the two smallest that are
    # enough alone; where none is, as many of the largest as it takes.
    [(29, [3, 7]), (24, [7, 10]), (20, [10]), (15, [10 + 7]), (13, [10 + 7]), (11, [10 + 7 + 3])],
)
def test_causality_that_is_advised_keeps_the_latency(limit_ms: float, saved_ms: list[int]) -> None:
    design = audit("track1").design
    options = {"limits": replace(BASE, total_latency_ms=limit_ms)}
    advised = advice(design, "total_latency_ms", **options)
    assert len(advised) == len(saved_ms)
    for text, saved in zip(advised, saved_ms, strict=True):
        match = re.fullmatch(rf"make (.+) causal: {saved} ms less", text)
        assert match, text
        mended = design
        for name in match[1].split(", "):
            mended = edited(mended, name.split("."), {"causal": True})
        assert status(mended, "total_latency_ms", **options) == "pass"


def test_trimming_on_the_right_is_advised_for_a_transposed_convolution() -> None:
    up = ["decoder", "blocks", "0", "up"]
    design = edited(audit("track1").design, up, {"kernel": 7, "trim_left": 2})
    advised = advice(design, "total_latency_ms")
    assert advised[0] == "trim decoder.blocks.0.up on the right: 4 ms less"
    assert status(edited(design, up, {"trim_left": 0}), "total_latency_ms") == "pass"


def test_a_hop_over_the_limit_is_named() -> None:
    options = {"limits": replace(BASE, total_latency_ms=9)}
    advised = advice(audit("track1").design, "total_latency_ms", **options)
    assert advised == ["a hop of 10 ms alone is over the limit; lower the strides"]
    options = {"limits": replace(BASE, total_latency_ms=10)}  # which a causal codec keeps
    (advised_layers,) = advice(audit("track1").design, "total_latency_ms", **options)
    assert advised_layers.startswith("make ") and advised_layers.endswith(" causal: 20 ms less")


def test_missing_modes_are_advised() -> None:
    design = audit("track1").design
    only_high = replace(design, quantizer=replace(design.quantizer, modes=(3, 6)))
    assert advice(only_high, "bitrates_kbps") == ["add a mode of 1 layer: 1 kbps"]
    tiny = {"limits": replace(BASE, bitrates_kbps=(0.5,))}
    assert advice(design, "bitrates_kbps", **tiny) == [
        "use a smaller codebook or a longer hop; one layer takes 1 kbps"
    ]


def test_a_missing_mode_has_as_many_layers_as_the_bitrate_holds() -> None:
    """512 codewords take 9 bits, 100 times a second: 0.9 kbps a layer, of which 2 fit into 2."""
    design = audit("track1").design
    quantizer = replace(design.quantizer, codebook_size=512, modes=(6,))
    options = {"limits": replace(BASE, bitrates_kbps=(2, 6))}
    advised = advice(replace(design, quantizer=quantizer), "bitrates_kbps", **options)
    assert advised == ["add a mode of 2 layers: 1.8 kbps"]


def measured_alike(**changes: Any) -> Audit:
    """An audit of Track 1 as if its ledger had been measured, with ``changes`` to the ledger."""
    found = audit("track1", limits=replace(BASE, total_latency_ms=15, bitrates_kbps=(0.5,)))
    ledger = replace(found.ledger, **changes)
    verdict = judge(ledger, found.totals, found.verdict.limits, found.convention)
    return replace(found, ledger=ledger, verdict=verdict)


def test_a_codec_whose_layers_are_not_known_gets_no_advice_on_modes() -> None:
    found = measured_alike(mode=Mode(None, None, 6.0))
    (check,) = (check for check in found.verdict.checks if check.id == "bitrates_kbps")
    assert check.status == "fail" and found.remedies(check) == []


def test_look_ahead_of_any_kind_of_layer_is_named() -> None:
    """Layers that wait 10, 7 and 3 ms: 17 ms or more take the first two, whatever they are."""
    rows = audit("track1").ledger.rows
    waiting = sorted((row for row in rows if row.delay_samples), key=lambda row: row.delay_samples)
    third, second, first = (row.name for row in waiting)
    for kinds, text in (
        ({first: "context", second: "context"}, f"take the look-ahead out of {first}, {second}"),
        (
            {first: "transposed_conv", second: "transposed_conv"},
            f"trim {first}, {second} on the right",
        ),
        ({second: "context"}, f"make {first} causal and take the look-ahead out of {second}"),
    ):
        kept = tuple(row._replace(op=kinds.get(row.name, row.op)) for row in rows)
        found = measured_alike(rows=kept)
        (check,) = (check for check in found.verdict.checks if check.id == "total_latency_ms")
        assert found.remedies(check) == [f"{text}: 17 ms less"]
    assert third not in (first, second)


def test_dearest_layers() -> None:
    # 64 -> 64 channels at 500 Hz with 7 taps: 2 * 64 * 64 * 7 * 500 = 28.672 MFLOPS, twice
    found = audit("track1")
    dearest = most_costly(found.ledger, found.convention)
    assert [cost.mflops for cost in dearest] == [28.672, 28.672, 20.48]
    assert dearest[0].row.name == "encoder.blocks.3.residual.1.convs.0"
