"""What a step costs, against sums by hand and against the audit."""

import pytest

from lrac_audit.auditing import audit
from reference_models.training.configuration_file import load_configuration
from reference_models.training.cost import StepCost, attainable_flops_per_s, step_cost
from reference_models.training.plan import assumed_steps_per_epoch, full_plan
from tests.reference_models.training.conftest import ALONE


@pytest.fixture(scope="module")
def small(files):
    configuration = load_configuration(files / "small.yaml")
    return configuration, step_cost(configuration)


def test_the_codecs_forward_pass_is_what_the_audit_says(small):
    configuration, cost = small
    mflops = [
        sum(
            audit(configuration.design, rvq="projected", bitrate_kbps=kbps).document()[
                "complexity"
            ][part]["mflops"]
            for part in ("encoder", "rvq_transmit", "decoder")
        )
        for kbps in (0.3, 0.6)
    ]  # training quantises once for both sides
    expected = 1e6 * sum(mflops) / 2 * 4800 / 24_000
    assert cost.flops["codec, forward"] == pytest.approx(expected, rel=1e-9)


def test_the_discriminators_forward_pass(small):
    def maps(window):
        frames, bins = (4800 - window) // (window // 4) + 1, window // 2 + 1
        total = 0
        for before, taps, stride in ((2, 27, 1), (2, 27, 2), (2, 27, 2), (2, 27, 2), (2, 9, 1)):
            bins = -(-bins // stride)
            total += before * 2 * taps * frames * bins
        return total + 2 * 1 * 9 * frames * bins

    _, cost = small
    expected = 2 * 2 * (maps(64) + maps(128))  # 2 FLOPs, the fake and the real
    assert cost.flops["discriminators, forward"] == expected


def test_the_mel_losses_products(small):
    _, cost = small
    frames_bins_mels = [(301, 33, 10), (76, 129, 40)]
    expected = 2 * 2 * sum(f * b * m for f, b, m in frames_bins_mels)
    assert cost.flops["mel loss, forward"] == expected
    assert cost.flops["mel loss, backward"] == expected / 2  # into the fake alone


def test_a_full_plan_by_hand(small):
    configuration, _ = small
    cost = StepCost({"a": 3e9, "b": 1e9}, window_s=0.2)
    plan = full_plan(configuration, cost, steps_per_epoch=6, processes=2, audio_s_per_s=0.1)
    assert (plan.steps, plan.flops) == (12, pytest.approx(12 * 2 * 4e9))
    assert plan.audio_hours == pytest.approx(12 * 2 * 0.2 / 3600)
    assert plan.hours == pytest.approx(12 * 2 * 0.2 / 0.2 / 3600)
    assert assumed_steps_per_epoch(configuration) == 3 * 4.5 / 2


def test_the_plan_of_a_manifest_counts_its_windows(run, small, files):
    words = ["--configuration", files / "small.yaml", "--throughput", 2, "--gpus", 2]
    out = run("train", "--plan", *words, "--train", files / "train.csv").out
    rows = dict(line.rsplit("  ", 1) for line in out.splitlines() if "  " in line)
    rows = {name.strip(): value.strip() for name, value in rows.items()}
    # Windows of 0.2 s every 0.1 s in 0.7 s: 6 of each of 3; one batch of 2 takes one of each
    # process, of which one has 6 and the other 12.
    assert (rows["steps per epoch"], rows["steps"]) == ("6", "12")
    assert "assumed" not in out
    assert "assumed: 4.5 windows" in run("train", "--plan", *words).out


def test_a_machine_can_do_something():
    assert 1e8 < attainable_flops_per_s(ALONE.device) < 1e15
