"""The preset after VoCodec: the paper's figures, and a model of other hands."""

from __future__ import annotations

import re

import pytest

from lrac_audit import audit
from lrac_audit.design.formats import load_design
from lrac_audit.ledger import walk
from lrac_audit.ledger.latency import latency as delays
from lrac_audit.ledger.row import Kind, Ledger, Row
from lrac_audit.witness import latency, trace
from lrac_audit.witness.target import AuditTarget, TargetMode
from tests.lrac_audit.presets.vocodec_by_hand import HOP, LAYERS, Codec

NAME = "vocodec-24khz"
MINE = {
    r"encoder\.layers\.1\.conv": "encoder.embed",
    r"decoder\.layers\.0\.conv": "decoder.embed",
    r"decoder\.layers\.6\.linear": "head",
    r"quantizer\.layers\.(\d)\.search": r"quantizer.\1",
    r"quantizer\.layers\.(\d)\.project_(in|out)": r"quantizer.\1.project_\2",
}
"""Names in the model by hand, by patterns of those in the design."""
FIRST_BLOCK = {"encoder": 3, "decoder": 2}


def ledger() -> Ledger:
    return walk(load_design(NAME).design, "projected", LAYERS)


def by_hand(name: str) -> str:
    """Return the name that the model by hand has for a row of the design."""
    block = re.fullmatch(r"(\w+)\.layers\.(\d+)\.convnext\.(\w+)", name)
    if block:
        coder, index, part = block.groups()
        return f"{coder}.blocks.{int(index) - FIRST_BLOCK[coder]}.{part}"
    (found,) = [re.sub(a, b, name) for a, b in MINE.items() if re.fullmatch(a, name)]
    return found


def mmacs_with_biases(rows: list[Row]) -> float:
    per_frame = sum(
        count
        for row in rows
        for kind, count in row.work.items()
        if kind in (Kind.CONV, Kind.LINEAR, Kind.BIAS)
    )
    return per_frame * 24_000 / 240 / 1e6


def test_the_figures_of_the_paper() -> None:
    """Printed: 349.29 MMAC/s in all, with biases and without the search; 30 ms."""
    rows = ledger().rows
    once = [row for row in rows if not (row.stage == "rvq" and row.side == "receive")]
    assert f"{mmacs_with_biases(once):.2f}" == "349.29"
    quantizer = [row for row in once if row.stage == "rvq"]
    assert f"{mmacs_with_biases(quantizer):.4f}" == "1.9632"
    head = [row for row in rows if row.name == "decoder.layers.6.linear"]
    assert f"{mmacs_with_biases(head):.2f}" == "13.93"
    assert head[0].stored_values == 139_346
    # 69,984 parameters, 6 * (8 + 192) of which are gains of weight norm, which fold in.
    names = {row.name: row.stored_values for row in quantizer if "lookup" not in row.name}
    assert sum(names.values()) == 69_984 - 6 * (8 + 192)
    assert audit(NAME).document()["latency"]["total_samples"] == 720


def test_the_search_is_what_breaks_the_limit() -> None:
    """With biases it is 2 * (349.29 + 4.9152) = 708.41 MFLOPS; those are 2.3 of it."""
    found = audit(NAME)
    checks = {check.id: check.status for check in found.verdict.checks}
    assert checks == checks | {"overall_mflops": "fail", "receive_mflops": "pass"}
    without = audit(NAME, convention="lrac-2025-no-search")
    assert without.verdict.status == "pass"


def target(width: int) -> AuditTarget:
    codec = Codec(width).eval()
    return AuditTarget(
        name="by hand",
        root=codec,
        sample_rate_hz=24_000,
        hop_samples=HOP,
        transmit=codec.encode,
        receive=codec.decode,
        modes=(TargetMode(6.0, codec.quantise, codec.dequantise, LAYERS),),
    )


def macs(rows: tuple[Row, ...]) -> dict[tuple[str, str], int]:
    """Return the multiply-accumulates of each module on each side."""
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.macs_per_frame:
            found[row.side, row.name] = found.get((row.side, row.name), 0) + row.macs_per_frame
    return found


def test_a_model_of_other_hands_costs_the_same_row_by_row() -> None:
    measured = target(192)
    found = trace.measure(measured, measured.modes[0])
    expected = macs(ledger().rows)
    assert found.problems == ()
    assert macs(found.rows) == {
        (side, by_hand(name)): count for (side, name), count in expected.items()
    }
    assert coder_values(found.rows) == coder_values(ledger().rows)
    butterflies = [
        sum(row.work.get(Kind.BUTTERFLY, 0) for row in rows) for rows in (found.rows, ledger().rows)
    ]
    # 720 / 4 * log2(720) = 1708.5, there and back
    assert butterflies == [2 * 1709] * 2


def test_a_model_of_other_hands_is_as_late() -> None:
    measured = target(16)
    found = latency.measure(measured, measured.modes[0])
    assert found.receive is not None
    walked = delays(ledger())
    assert (found.transmit.look_ahead_samples, found.receive.look_ahead_samples) == (
        walked.transmit_samples,
        walked.receive_samples,
    )
    assert found.total_samples == found.lower_total_samples == walked.total_samples == 720


@pytest.mark.sweep
def test_every_witness_of_its_own_model_agrees() -> None:
    found = audit(NAME, verify=True)
    assert found.verdict.doubts == ()
    assert found.agreement is not None and not found.agreement.differing


def coder_values(rows: tuple[Row, ...]) -> dict[str, int]:
    found = {"encoder": 0, "decoder": 0}
    for row in rows:
        if row.stage in found:
            found[row.stage] += row.stored_values
    return found
