"""The figures of a design of lists, each derived by hand from the definition of its layer."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from lrac_audit import audit
from lrac_audit.ledger.row import Row
from tests.lrac_audit.list_design import write_lists


class Figures(NamedTuple):
    macs_per_frame: int
    stored: int
    past: int | None
    delay: int
    state: int
    held: int = 0


NONE = Figures(0, 0, 0, 0, 0)
UNIT = "encoder.layers.1.residual"
# A frame is 240 samples. Convolutions: products of taps, input channels of a group and output
# channels for each output step; padding (kernel - 1) * dilation + 1 - stride steps, kept as state.
FIGURES = {
    # 1 > 6 channels, 7 taps, 240 steps: 240 * 42; 42 weights and 6 biases; 6 steps of 1 channel
    "encoder.layers.0.conv": Figures(240 * 42, 42 + 6, 6, 0, 6),
    f"{UNIT}.layers.0.activation": NONE,
    # 6 channels of 5 taps; 4 steps of padding, 2 of them ahead, of 6 channels
    f"{UNIT}.layers.1.depthwise_conv": Figures(240 * 30, 30 + 6, 2, 2, 4 * 6),
    # a scale and a shift for each of 6 channels
    f"{UNIT}.layers.2.layer_norm": Figures(0, 12, 0, 0, 0),
    f"{UNIT}.layers.3.conv": Figures(240 * 6 * 8, 48 + 8, 0, 0, 0),
    f"{UNIT}.layers.4.activation": NONE,
    f"{UNIT}.layers.5.linear": Figures(240 * 8 * 6, 48 + 6, 0, 0, 0),
    # the path around the unit waits for the 2 steps ahead, of 6 channels
    f"{UNIT}.add": Figures(0, 0, 0, 0, 0, 2 * 6),
    # 6 > 8 channels, 24 taps, 20 steps: 24 - 12 steps of padding at the sample rate
    "encoder.layers.2.conv": Figures(20 * 6 * 8 * 24, 6 * 8 * 24 + 8, 12, 0, 12 * 6),
    # 8 > 12 channels, 40 taps, 1 step: 40 - 20 steps of padding, each of 12 samples
    "encoder.layers.3.conv": Figures(8 * 12 * 40, 8 * 12 * 40 + 12, 20 * 12, 0, 20 * 8),
    # three gates of 10 values from 12 inputs and 10 of state, with two vectors of biases
    "encoder.layers.4.gru": Figures(3 * 10 * (12 + 10), 3 * 10 * 22 + 2 * 3 * 10, None, 0, 10),
    "encoder.layers.5.rms_norm": Figures(0, 10, 0, 0, 0),
    # four gates of 8 values from 10 inputs and 8 of state; a hidden state and a cell
    "decoder.layers.0.lstm": Figures(4 * 8 * 18, 4 * 8 * 18 + 2 * 4 * 8, None, 0, 16),
    # 8 > 8 channels, 40 taps for 1 input step; 20 surplus steps of 12 samples, half on each side
    "decoder.layers.1.transposed_conv": Figures(8 * 8 * 40, 8 * 8 * 40 + 8, 120, 120, 20 * 8),
    "decoder.layers.2.repeat": NONE,
    "decoder.layers.3.activation": NONE,
    # 8 > 9 channels, 5 taps, 80 steps of 3 samples
    "decoder.layers.4.conv": Figures(80 * 8 * 9 * 5, 8 * 9 * 5 + 9, 4 * 3, 0, 4 * 8),
    "decoder.layers.5.pixel_shuffle": NONE,
    # 3 > 1 channels, 3 taps, no bias
    "decoder.layers.6.conv": Figures(240 * 9, 9, 2, 0, 2 * 3),
}


@pytest.fixture
def found(tmp_path):
    return audit(write_lists(tmp_path))


def figures_of(row: Row) -> Figures:
    return Figures(
        row.macs_per_frame,
        row.stored_values,
        row.past_samples,
        row.delay_samples,
        row.state_values,
        row.held_values,
    )


def test_every_row_is_as_derived(found):
    rows = {row.name: row for row in found.ledger.rows if row.stage != "rvq"}
    assert {name: figures_of(row) for name, row in rows.items()} == FIGURES


def test_the_totals_are_their_sums(found):
    document = found.document()
    for side in ("encoder", "decoder"):
        macs = sum(f.macs_per_frame for name, f in FIGURES.items() if name.startswith(side))
        assert document["complexity"][side]["macs_per_s"] == macs * 100
    assert document["latency"]["total_samples"] == 240 + 2 + 120


def test_work_that_is_no_product(found):
    """Operations of one frame: 240 steps in the encoder's unit, one step of a recurrent layer."""
    work = {row.name: dict(row.work) for row in found.ledger.rows}
    assert work["encoder.layers.0.conv"] == {"conv": 240 * 42, "bias": 240 * 6}
    assert work[f"{UNIT}.layers.0.activation"] == {"elu": 240 * 6}
    assert work[f"{UNIT}.add"] == {"residual_add": 240 * 6}
    assert work["decoder.layers.3.activation"] == {"leaky_relu": 80 * 8}
    assert work["decoder.layers.2.repeat"] == work["decoder.layers.5.pixel_shuffle"] == {}
    assert work["decoder.layers.6.conv"] == {"conv": 240 * 9}
    lstm = work["decoder.layers.0.lstm"]
    assert (lstm["linear"], lstm["sigmoid"], lstm["tanh"]) == (4 * 8 * 18, 3 * 8, 2 * 8)
