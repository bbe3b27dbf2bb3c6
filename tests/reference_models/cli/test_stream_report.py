"""The report on a stream, on times that are easy to summarise by hand."""

import numpy as np
import pytest

from lrac_audit.design.formats import load_design
from reference_models.cli.stream_report import StreamReport
from reference_models.streaming.delay_measurement import Delay
from reference_models.streaming.simulation import FrameTimes, Simulation


@pytest.fixture(scope="module")
def report():
    # 99 frames of 1 ms, and one of 11 ms on the transmit side; 9.5 ms once on the receive side,
    # in another frame, which makes that one late for both sides together.
    transmit_s, receive_s = np.full(100, 1e-3), np.full(100, 0.5e-3)
    transmit_s[7], receive_s[9] = 11e-3, 9.5e-3
    warm_up = FrameTimes(np.array([30e-3, 1e-3]), np.array([5e-3, 20e-3]))
    simulation = Simulation(warm_up, FrameTimes(transmit_s, receive_s), 720)
    design = load_design("track1").design
    return StreamReport(design, 6, "trained", "torch", 1, simulation, Delay(480, 720, 720))


@pytest.mark.parametrize(
    ("side", "median", "p99", "worst", "with_warm_up", "late", "factor"),
    [
        # The 99th percentile of 100 values lies 0.01 of the way from the 99th to the 100th.
        ("transmit", 1.0, 1.0 + 0.01 * 10, 11.0, 30.0, 1, (99 + 11) / 1000),
        ("receive", 0.5, 0.5 + 0.01 * 9, 9.5, 20.0, 0, (99 * 0.5 + 9.5) / 1000),
        ("both", 1.5, 10.5 + 0.01 * 1, 11.5, 35.0, 2, (110 + 59) / 1000),
    ],
)
def test_summary(report, side, median, p99, worst, with_warm_up, late, factor):
    (found,) = [each for each in report.document()["summary"] if each["side"] == side]
    assert found == {
        "side": side,
        "median_ms": pytest.approx(median),
        "p99_ms": pytest.approx(p99),
        "worst_ms": pytest.approx(worst),
        "worst_with_warm_up_ms": pytest.approx(with_warm_up),
        "late_frames": late,
        "real_time_factor": pytest.approx(factor),
    }


def test_all_times_are_in_the_document(report):
    document = report.document()
    assert document["warm_up_transmit_s"] == [30e-3, 1e-3]
    assert document["warm_up_receive_s"] == [5e-3, 20e-3]
    assert document["transmit_s"][7] == 11e-3 and len(document["receive_s"]) == 100
