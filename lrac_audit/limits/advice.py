"""Why a verdict is what it is: what costs most, and what would bring a design back within."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger, Row
from lrac_audit.ledger.totals import Part, Totals
from lrac_audit.limits.verdict import Check

TOP_LAYERS = 3
KERNEL_REMEDIES = 2


class LayerCost(NamedTuple):
    """A row and what it costs."""

    row: Row
    mflops: float
    """In millions of the convention's unit per second."""


def most_costly(ledger: Ledger, convention: Convention, count: int = TOP_LAYERS) -> list[LayerCost]:
    """The rows that cost most, the dearest first."""
    rows = sorted(ledger.rows, key=lambda row: convention.price(row.work), reverse=True)[:count]
    return [LayerCost(row, ledger.millions_per_second(convention.price(row.work))) for row in rows]


def remedies(
    check: Check, ledger: Ledger, convention: Convention, absorbed: Ledger | None
) -> Iterator[str]:
    """Changes that would each keep a broken limit, the smallest first.

    Args:
        check: The broken limit.
        ledger: What was judged.
        convention: How it was counted.
        absorbed: The same codec with its output projections absorbed, when it is not already.
    """
    if check.id in ("overall_mflops", "receive_mflops"):
        yield from _complexity(check, ledger, convention, absorbed)
    elif check.id == "total_latency_ms":
        yield from _latency(check, ledger)
    elif check.id == "sample_rate_hz":
        yield f"design the codec for {check.limit:g} Hz"
    else:
        yield from _bitrates(check, ledger)


def _complexity(
    check: Check, ledger: Ledger, convention: Convention, absorbed: Ledger | None
) -> Iterator[str]:
    assert isinstance(check.limit, int | float) and isinstance(check.value, int | float)
    part: Part = "overall" if check.id == "overall_mflops" else "receive"
    excess = check.value - check.limit
    if absorbed is not None:
        price = Totals(absorbed).cost(part, convention).price_per_frame
        value = absorbed.millions_per_second(price)
        word = "within the limit" if value <= check.limit else "still over it"
        if value < check.value:
            yield f"absorb the output projections: {value:g} {check.unit}, {word}"
    rows = [row for row in ledger.rows if part == "overall" or row.side == "receive"]
    kernels = sorted(
        found for row in rows if (found := _shorter_kernel(row, ledger, convention, excess))
    )
    yield from (text for _, text in kernels[:KERNEL_REMEDIES])
    if not kernels:
        width = math.floor(100 * math.sqrt(check.limit / check.value))
        yield f"no single kernel is enough; widths of about {width} % everywhere would be"


def _shorter_kernel(
    row: Row, ledger: Ledger, convention: Convention, excess: float
) -> tuple[float, str] | None:
    """The least shortening of one kernel that saves ``excess``, as the share removed and a text."""
    kernel = row.geometry.kernel
    if row.op not in ("conv", "transposed_conv") or kernel == 1:
        return None
    per_tap = ledger.millions_per_second(convention.price(row.work)) / kernel
    if per_tap == 0:
        return None
    taps = max(1, math.ceil(excess / per_tap))
    reach = (kernel - taps - 1) * row.geometry.dilation + 1
    if kernel - taps < 1 or reach < row.geometry.stride:
        return None
    saved = taps * per_tap
    text = f"kernel {kernel} to {kernel - taps} in {row.name}: {saved:g} {convention.unit} less"
    return taps / kernel, text


def _latency(check: Check, ledger: Ledger) -> Iterator[str]:
    assert isinstance(check.limit, int | float)
    total_samples = latency(ledger).total_samples
    assert total_samples is not None
    waiting = sorted((row for row in ledger.rows if row.delay_samples), key=_delay)
    buffering_ms = ledger.milliseconds(latency(ledger).buffering_samples)
    if buffering_ms > check.limit:
        yield f"a hop of {buffering_ms:g} ms alone is over the limit; lower the strides"
        return
    excess_samples = total_samples - check.limit * ledger.sample_rate_hz / 1000
    enough = [row for row in waiting if _delay(row) >= excess_samples]
    for row in enough[:KERNEL_REMEDIES]:
        yield f"{_undelayed([row])}: {ledger.milliseconds(_delay(row)):g} ms less"
    if not enough:
        chosen: list[Row] = []
        for row in reversed(waiting):
            if sum(map(_delay, chosen)) < excess_samples:
                chosen.append(row)
        saved = ledger.milliseconds(sum(map(_delay, chosen)))
        yield f"{_undelayed(chosen)}: {saved:g} ms less"


def _delay(row: Row) -> int:
    return row.delay_samples or 0


def _undelayed(rows: list[Row]) -> str:
    convs = [row.name for row in rows if row.op == "conv"]
    ups = [row.name for row in rows if row.op == "transposed_conv"]
    others = [row.name for row in rows if row.op not in ("conv", "transposed_conv")]
    words = [f"make {', '.join(convs)} causal"] if convs else []
    words += [f"trim {', '.join(ups)} on the right"] if ups else []
    words += [f"take the look-ahead out of {', '.join(others)}"] if others else []
    return " and ".join(words)


def _bitrates(check: Check, ledger: Ledger) -> Iterator[str]:
    assert isinstance(check.limit, tuple) and isinstance(check.value, tuple)
    mode = ledger.mode
    if mode.bitrate_kbps is None or not mode.active_layers:
        return
    per_layer = mode.bitrate_kbps / mode.active_layers
    for limit, value in zip(check.limit, check.value, strict=True):
        if value is None:
            layers = math.floor(limit / per_layer)
            if layers:
                word = "layer" if layers == 1 else "layers"
                yield f"add a mode of {layers} {word}: {layers * per_layer:g} kbps"
            else:
                yield f"use a smaller codebook or a longer hop; one layer takes {per_layer:g} kbps"
