"""The field that takes most, derived by hand for the Track 1 baseline.

MACs per second are channels in x channels out x kernel x rate of the output, for a transposed
convolution that of the input. The encoder's largest are 64 x 64 x 7 x 500 Hz = 14.3 million, in the
second and the third unit of its last block; the decoder's 64 x 64 x 5 x 500 Hz and
32 x 32 x 5 x 2000 Hz, both 10.24 million. Of equal ones, the first is named.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrac_audit import audit
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.check import Evidence
from lrac_audit.limits.costliest import costliest_field
from lrac_audit.limits.registry import CHECK_KINDS

TRACK1 = audit("track1")


def costliest(check: str, ledger: Ledger, convention: Convention) -> str:
    return costliest_field(
        check, Evidence(ledger, Totals(ledger), TRACK1.verdict.limits, convention)
    )


@pytest.mark.parametrize(
    ("check", "field"),
    [
        ("overall_mflops", "encoder.blocks[3].residual[1].convs[0]"),
        ("overall_mmacs_per_s", "encoder.blocks[3].residual[1].convs[0]"),
        ("receive_mflops", "decoder.blocks[0].residual[1].convs[0]"),
        # Kernel 3, dilation 5, not causal: 5 steps of 48 samples, 240. The encoder's are
        # 6 and 14 steps of 12 samples, 72 and 168.
        ("total_latency_ms", "decoder.blocks[0].residual[0].convs[0]"),
        # A table of 1024 x 160 values, of which no layer has as many: 64 x 160 x 10 is 102,400.
        ("parameters_millions", "quantizer.layers[0].lookup"),
        ("stored_bytes", "quantizer.layers[0].lookup"),
        ("receive_stored_bytes", "quantizer.layers[0].lookup"),
        # Left context: kernel 7, dilation 27, 162 steps of 64 channels; 100 steps on the receive
        # side, where the kernel is 5 and the dilation 25.
        ("state_bytes", "encoder.blocks[3].residual[2].convs[0]"),
        ("receive_state_bytes", "decoder.blocks[0].residual[2].convs[0]"),
        ("sample_rate_hz", "sample_rate_hz"),
        ("bitrates_kbps", "quantizer"),
    ],
)
def test_the_costliest_field_of_track_1(check: str, field: str) -> None:
    assert costliest(check, TRACK1.ledger, TRACK1.convention) == field


def test_the_convention_decides_what_costs_most() -> None:
    """In weighted operations a hyperbolic tangent costs 25 and a multiply-accumulate 1."""
    by_name = {row.name: row for row in TRACK1.ledger.rows}
    output = by_name["decoder.output"]
    tanh = by_name["decoder.final_activation"]._replace(work={"tanh": output.macs_per_frame // 2})
    ledger = replace(TRACK1.ledger, rows=(output, tanh))
    wmops = audit("track1", convention="wmops-estimate").convention
    assert costliest("receive_mflops", ledger, TRACK1.convention) == "decoder.output"
    assert costliest("receive_mflops", ledger, wmops) == "decoder.final_activation"
    assert costliest("overall_mmacs_per_s", ledger, wmops) == "decoder.output"


def test_an_amount_without_bound_comes_first() -> None:
    rows = list(TRACK1.ledger.rows)
    rows[-1] = rows[-1]._replace(delay_samples=None)
    ledger = replace(TRACK1.ledger, rows=tuple(rows))
    assert costliest("total_latency_ms", ledger, TRACK1.convention) == rows[-1].name


def test_without_look_ahead_the_strides_are_what_delays() -> None:
    rows = tuple(row._replace(delay_samples=0) for row in TRACK1.ledger.rows)
    ledger = replace(TRACK1.ledger, rows=rows)
    assert costliest("total_latency_ms", ledger, TRACK1.convention) == "encoder"


def test_every_check_names_a_field_of_every_preset() -> None:
    for preset in ("track2", "mimi-24khz", "snac-24khz"):
        found = audit(preset)
        for check in CHECK_KINDS:
            field = costliest(check, found.ledger, found.convention)
            assert found.target.lines.line(field) is not None, (preset, check, field)
