"""Rows that the toy codec of test_operations lacks, and measured ledgers, all by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrac_audit import audit
from lrac_audit.design.parts import EdgeConv
from lrac_audit.ledger.conventions import CONVENTIONS, FateOf, fate_of
from lrac_audit.ledger.latency import Context, Latency, context, latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import Geometry, Kind, Ledger, Mode, Row, Side, Stage
from lrac_audit.ledger.totals import Totals
from tests.lrac_audit.ledger.test_operations import TOY

# As TOY, with layers at the latent: from 4 to 6 channels and back, and an LSTM in the decoder.
EDGES = replace(
    TOY,
    encoder=replace(TOY.encoder, output=EdgeConv(channels=6, kernel=3)),
    decoder=replace(TOY.decoder, input=EdgeConv(channels=4, kernel=2), lstm_layers=1),
)
LATENT_ROWS = {
    # name: operation, MACs per frame, all else per frame; one step a frame at the latent
    "encoder.output_activation": ("elu", 0, 4),
    "encoder.output": ("conv", 4 * 6 * 3, 6),
    "decoder.input": ("conv", 6 * 4 * 2, 4),
    # 4 gates * 4 * (4+4) products; 32 biases, 5*4 gate activations, 4*4 gate products and sums
    "decoder.lstm.0": ("lstm", 128, 32 + 20 + 16),
    "decoder.lstm.add": ("add", 0, 4),
}


def test_rows_at_the_latent() -> None:
    found = audit(EDGES, convention="full")
    rows = {row.name: row for row in found.ledger.rows}
    for name, (op, macs, others) in LATENT_ROWS.items():
        row = rows[name]
        price = found.convention.price(row.work)
        assert (row.op, row.macs_per_frame, price - 2 * macs) == (op, macs, others), name
    assert found.ledger.name == "toy"


@pytest.mark.parametrize(
    ("name", "runs"), [("encoder.lstm.0", 1), ("encoder.blocks.0.residual.0.add", 2)]
)
def test_shapes_of_recurrent_layers_and_sums(name: str, runs: int) -> None:
    # Both are 4 channels wide; the sum is before the stride, where a hop of 2 has 2 steps.
    (row,) = [row for row in audit(TOY).ledger.rows if row.name == name]
    assert (row.geometry, row.runs_per_frame) == (Geometry(4, 4), runs)


def test_all_counts_are_whole_numbers() -> None:
    for row in audit(EDGES).ledger.rows:
        counts = [row.runs_per_frame, *row.work.values()]
        assert counts and {type(count) for count in counts} == {int}, row.name


def measured(side: Side, stage: Stage, delay: int | None, problem: str = "") -> Ledger:
    """A ledger of one row, at 1,000 Hz with a hop of 10 samples."""
    row = Row(
        *("row", side, stage, "conv", Geometry(1, 1), 1, {Kind.CONV: 3}),
        delay_samples=delay,
        past_samples=None,
        problem=problem,
    )
    return Ledger("measured", 1_000, 10, Mode(None, None, None), (), (row,), measured=True)


def test_an_undivided_codec_has_its_whole_delay_on_the_transmit_side() -> None:
    ledger = measured("undivided", "undivided", delay=7)
    assert latency(ledger) == Latency(10, 7, 0)
    assert latency(ledger).total_samples == 17
    assert context(ledger) == Context(None, None, None)


@pytest.mark.parametrize(
    ("side", "stage", "expected"),
    [("transmit", "encoder", Latency(10, None, 0)), ("receive", "decoder", Latency(10, 0, None))],
)
def test_a_delay_without_bound_leaves_no_total(side: Side, stage: Stage, expected: Latency) -> None:
    ledger = measured(side, stage, delay=None)
    assert latency(ledger) == expected
    assert latency(ledger).total_samples is None
    future_frames = context(ledger).decoder_future_frames
    assert future_frames == (None if side == "receive" else 0)


def test_time_of_samples_that_are_not_known_is_not_known() -> None:
    ledger = measured("transmit", "encoder", delay=0)
    assert ledger.milliseconds_or_none(5) == 5
    assert ledger.milliseconds_or_none(None) is None


def test_a_row_with_a_problem_is_uncounted_for_that_reason() -> None:
    ledger = measured("transmit", "encoder", 0, problem="attention over the whole clip")
    fate = fate_of(ledger.rows[0], CONVENTIONS["lrac-2025"])
    assert fate == FateOf("uncounted", "attention over the whole clip")
    assert Totals(ledger).problems == ("attention over the whole clip",)
    assert Totals(measured("transmit", "encoder", 0)).problems == ()


def test_fates_and_their_reasons() -> None:
    convention, row = CONVENTIONS["lrac-2025"], measured("transmit", "encoder", 0).rows[0]
    assert fate_of(row, convention) == FateOf("counted", "")
    unknown = fate_of(row._replace(work={"warp": 1, "weft": 1}), convention)
    assert unknown == FateOf("uncounted", "lrac-2025 has no price for warp, weft")
    ignored = fate_of(row._replace(work={Kind.BIAS: 1, "elu": 1}), convention)
    assert ignored.fate == "ignored"
    assert ignored.reason == (
        "starts the accumulator that the MACs add to; "
        "pointwise and exchangeable; the challenge counts multiply-accumulates only"
    )


def test_state_that_was_not_measured_has_no_size() -> None:
    ledger = measured("transmit", "encoder", 0)
    unknown = replace(ledger, rows=(ledger.rows[0]._replace(state_values=None, held_values=3),))
    found = memory(unknown, "transmit")
    assert (found.state_bytes, found.held_bytes) == (None, 3 * 4)  # float32


def test_a_sender_that_collects_more_than_one_hop() -> None:
    """It waits for two steps of 10 samples; a frame then sees 20 samples and 7 ahead of them."""
    ledger = measured("transmit", "encoder", delay=7)
    row = ledger.rows[0]._replace(past_samples=5)
    received = row._replace(side="receive", stage="decoder", past_samples=21, delay_samples=1)
    waiting = replace(ledger, rows=(row, received), step_samples=20)
    assert latency(waiting) == Latency(20, 7, 1)
    assert context(waiting) == Context(5 + 20 + 7, 2, 1)
    assert context(replace(waiting, step_samples=None)) == Context(5 + 10 + 7, 3, 1)
