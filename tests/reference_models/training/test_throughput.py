"""The meter, by hand."""

import pytest

from reference_models.training.loop import StepReport
from reference_models.training.run_description import Position
from reference_models.training.throughput import RECENT_STEPS, ThroughputMeter


def report(audio_s, step_s, waited_s):
    return StepReport(Position(0, 0, 0), 1, 1e-3, {}, audio_s, step_s, waited_s)


def test_waiting_counts_as_time():
    """6 s of audio in 2.5 s of steps and 0.5 s of waiting are 2 a second; at 3 GFLOP for each
    second of audio that is 6 of the 24 GFLOP/s that the machine reaches."""
    meter = ThroughputMeter(flops_per_audio_s=3e9, attainable_flops_per_s=24e9)
    meter.stepped(report(4, 1.5, 0.5))
    meter.stepped(report(2, 1, 0))
    assert meter.audio_s_per_s == pytest.approx(2)
    assert meter.utilisation == pytest.approx(0.25)
    assert meter.waiting == pytest.approx(0.5 / 3)
    assert str(meter) == "2.0 s of audio per s, 25 % used, 17 % waiting"


def test_only_the_last_steps_count():
    meter = ThroughputMeter(1, 1)
    for audio_s in [1000, *[3] * RECENT_STEPS]:
        meter.stepped(report(audio_s, 1, 0))
    assert meter.audio_s_per_s == pytest.approx(3)
