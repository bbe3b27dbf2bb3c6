"""What a step costs, against sums by hand and against the audit."""

from dataclasses import replace
from math import log2
from types import SimpleNamespace

import pytest
from torch.utils.flop_counter import FlopCounterMode

from lrac_audit.auditing.audit import audit
from lrac_audit.design.native import read_design
from lrac_audit.design.yaml_source import parse_yaml
from reference_models.training import cost as cost_module
from reference_models.training.configuration_file import load_configuration
from reference_models.training.configuration_parts import SpectrumSettings
from reference_models.training.cost import (
    StepCost,
    attainable_flops_per_s,
    cost_table,
    step_cost,
)
from reference_models.training.run_estimate import assumed_steps_per_epoch, estimate_run
from tests.reference_models.training.conftest import ALONE


@pytest.fixture(scope="module")
def small(files):
    configuration = load_configuration(files / "small.yaml")
    return configuration, step_cost(configuration)


def layers_of(configuration, kbps):
    """MFLOPS by row of what one pass of training does: it quantises once for both sides."""
    document = audit(configuration.design, rvq="projected", bitrate_kbps=kbps).document()
    return {
        row["name"]: row["mflops"]
        for row in document["layers"]
        if (row["side"], row["stage"]) != ("receive", "rvq")
    }


def mean_flops(configuration, mflops_of_layers):
    """In a window, over the bitrates that steps draw."""
    mflops = [mflops_of_layers(layers_of(configuration, kbps)) for kbps in (0.3, 0.6)]
    return 1e6 * sum(mflops) / 2 * 4800 / 24_000


def test_the_codecs_forward_pass_is_what_the_audit_says(small):
    configuration, cost = small
    expected = mean_flops(configuration, lambda layers: sum(layers.values()))
    assert cost.flops["codec, forward"] == pytest.approx(expected, rel=1e-9)


def test_the_codecs_backward_pass(small):
    """Every product twice, for what went in and for the weights; but the search has no gradient,
    and nobody needs that of the input."""

    def backward(layers):
        searches = sum(n for name, n in layers.items() if name.endswith(".search"))
        first = layers["encoder.blocks.0.residual.0.convs.0"]
        return 2 * (sum(layers.values()) - searches) - first

    configuration, cost = small
    expected = mean_flops(configuration, backward)
    assert cost.flops["codec, backward"] == pytest.approx(expected, rel=1e-9)


EVERY_KIND = """
lrac_audit_design: 1
name: every kind
sample_rate_hz: 24000
encoder:
  layers:
    - stft: {window: 120, hop: 60, spectrum: log_magnitude}
    - linear: {channels: 8}
    - group_norm: {groups: 2}
    - rms_norm
    - scale
    - activation: prelu
    - activation: sigmoid
    - activation: silu
    - activation: snake
    - parallel: {branches: [[lstm], [{conv: {kernel: 3, look_ahead: 1}}, gru]]}
    - convnext: {kernel: 3, expansion: 1}
    - conv: {kernel: 4, stride: 4, channels: 8}
    - transformer: {window: 3, heads: 2, feed_forward: 8, gated: true, position: learned}
    - transformer: {window: 3, heads: 2, feed_forward: 8, position: rotary, norm: rms}
quantizer: {multi_scale: {strides: [2, 1], codebook_size: 8, codebook_dim: 4, modes: [1, 2]}}
decoder:
  layers:
    - repeat: {factor: 2}
    - noise
    - pixel_shuffle: {factor: 2}
    - linear: {channels: 122}
    - istft: {window: 120, hop: 60, look_ahead: 60, spectrum: polar}
"""
RECURRENT = """
lrac_audit_design: 1
name: recurrent
sample_rate_hz: 24000
encoder: {layers: [conv: {kernel: 240, stride: 240, channels: 8}, lstm: {width: 6, layers: 2}]}
quantizer: none
decoder: {layers: [gru: {width: 4}, transposed_conv: {kernel: 240, stride: 240, channels: 1}]}
"""


def cost_of(configuration, text):
    design = read_design(parse_yaml(text, "one.yaml"), "one.yaml")
    codec = replace(configuration, design=design, active_layers=(design.quantizer.layers,))
    return step_cost(codec)


def test_no_operation_of_any_kind_of_layer_is_unknown(small):
    assert cost_of(small[0], EVERY_KIND).uncounted == ()


def test_recurrent_layers_cost_twice_as_much_backward(small):
    """For each gate's product, the gradients of what goes in and of the weights. The audio needs no
    gradient, so that of the first convolution is the weights' alone. In 20 frames of the window,
    240 * 8 and 4 * 240 for the convolutions, 4 * 6 * (8 + 6 + 6 + 6) for the LSTM and 3 * 4 * (6 +
    4) for the GRU; 2 FLOPs each. The state before the first frame needs no gradient either."""
    cost = cost_of(small[0], RECURRENT)
    layers = 20 * (240 * 8 + 4 * 240 + 24 * 26 + 12 * 10)
    assert cost.flops["codec, forward"] == 2 * layers
    unneeded = 20 * 240 * 8 + (24 * 6 * 2 + 12 * 4)
    assert cost.flops["codec, backward"] == 2 * (2 * layers - unneeded)


def maps(window, last_layer=6):
    """Multiply-accumulates of one discriminator, of two channels, for a window of 4,800 samples."""
    frames, bins = (4800 - window) // (window // 4) + 1, window // 2 + 1
    total = 0
    layers = [(2, 2, 27, 1), *[(2, 2, 27, 2)] * 3, (2, 2, 9, 1), (2, 1, 9, 1)]
    for before, after, taps, stride in layers[:last_layer]:
        bins = -(-bins // stride)
        total += before * after * taps * frames * bins
    return total


def test_the_discriminators_forward_pass(small):
    _, cost = small
    expected = 2 * 2 * (maps(64) + maps(128))  # 2 FLOPs, the fake and the real
    assert cost.flops["discriminators, forward"] == expected


def other_operations(window):
    """All that one discriminator does beside products, for a window of 4,800 samples.

    A bias on each value of a map, and a leaky ReLU on all but the last map. In each frame the Hann
    window is one product a sample, and the transform of real values takes half of the
    (n / 2) log2 n butterflies, at 10 each.
    """
    frames, bins = (4800 - window) // (window // 4) + 1, window // 2 + 1
    values = []
    for channels, stride in [(2, 1), *[(2, 2)] * 3, (2, 1), (1, 1)]:
        bins = -(-bins // stride)
        values.append(channels * frames * bins)
    butterflies = window // 2 * log2(window) / 2
    return sum(values) + sum(values[:-1]) + frames * (window + 10 * butterflies)


def test_the_discriminators_other_operations(small):
    _, cost = small
    forward = "discriminators, forward"
    expected = 2 * (other_operations(64) + other_operations(128))  # the fake and the real
    assert cost.operations[forward] - cost.flops[forward] == expected


def test_back_to_the_audio_of_the_fake(small):
    _, cost = small
    expected = 2 * (maps(64) + maps(128))
    assert cost.flops["adversarial and feature losses, backward"] == expected


def test_the_discriminators_own_turn(small):
    """Fake and real: the gradients of all weights, and of what enters each layer but the first."""
    _, cost = small
    each = [2 * maps(window) - maps(window, last_layer=1) for window in (64, 128)]
    assert cost.flops["discriminators, turn of their own"] == 2 * 2 * sum(each)


def test_nothing_in_a_step_is_unknown(small):
    _, cost = small
    assert cost.uncounted == ()
    assert "not counted" not in cost_table(cost, 2)
    said = cost_table(cost._replace(uncounted=("aten.new",)), 2)
    assert said.endswith("not counted, unknown: aten.new\n")


def test_operations_are_what_is_multiplied_and_all_else(small):
    _, cost = small
    optimiser = "codec, optimiser"
    assert cost.flops[optimiser] == 0 < cost.operations[optimiser]
    # The forward pass of the mel loss, at least: two transforms of each resolution, of
    # (n / 2) log2 n butterflies at 10, or half of that for real values.
    butterflies = [2 * 301 * 32 * 6, 2 * 76 * 128 * 8]
    extra = cost.operations["mel loss, forward"] - cost.flops["mel loss, forward"]
    assert 5 * sum(butterflies) < extra < 20 * sum(butterflies)


def test_the_mel_losses_products(small):
    _, cost = small
    frames_bins_mels = [(301, 33, 10), (76, 129, 40)]
    expected = 2 * 2 * sum(f * b * m for f, b, m in frames_bins_mels)
    assert cost.flops["mel loss, forward"] == expected
    assert cost.flops["mel loss, backward"] == expected / 2  # into the fake alone


def test_a_window_is_0_2_s(small):
    _, cost = small
    assert cost.window_s == 4800 / 24_000
    assert cost.flops_per_audio_s == pytest.approx(5 * sum(cost.flops.values()))


def test_a_step_without_discriminators_costs_nothing_for_them(small):
    """Two real transforms of 301 frames, of (n / 2) log2 n / 2 butterflies at 10 each, at least."""
    settings = SpectrumSettings(windows=(64,), exponent=0.3, complex_weight=0.1)
    only = replace(small[0], loss_weights={"spectrum": 1}, discriminators=None, spectrum=settings)
    cost = step_cost(only)
    phases = ["codec, forward", "spectrum loss, forward", "spectrum loss, backward"]
    assert list(cost.flops) == [*phases, "codec, backward", "codec, optimiser"]
    assert cost.uncounted == ()
    assert cost.operations["spectrum loss, forward"] > 2 * 301 * 10 * 32 * 6 / 2
    assert "discriminators" not in cost_table(cost, 2)


def test_the_table_is_of_a_whole_batch():
    cost = StepCost({"a": 3e9, "b": 1e9}, {"a": 4e9, "b": 2.5e9}, window_s=0.2)
    rows = [line.split() for line in cost_table(cost, batch_size=2).splitlines()[2:5]]
    assert rows == [
        ["a", "6", "75.0", "%", "8"],
        ["b", "2", "25.0", "%", "5"],
        ["all", "8", "100.0", "%", "13"],
    ]


def test_a_full_plan_by_hand(small):
    configuration, _ = small
    cost = StepCost({"a": 3e9, "b": 1e9}, {}, window_s=0.2)
    plan = estimate_run(configuration, cost, steps_per_epoch=6, processes=2, audio_s_per_s=0.1)
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


def test_what_a_machine_can_do_is_the_best_of_a_few_products(monkeypatch):
    """The products take 4, 2 and 3 s by this clock; torch counts their FLOPs itself."""
    readings_s = iter([0.0, 4.0, 10.0, 12.0, 20.0, 23.0])
    clock = SimpleNamespace(perf_counter=lambda: next(readings_s))
    monkeypatch.setattr(cost_module, "time", clock)  # and no other module's
    with FlopCounterMode(display=False) as counter:
        flops_per_s = attainable_flops_per_s(ALONE.device)
    assert next(readings_s, None) is None
    assert flops_per_s == counter.get_total_flops() / 3 / 2.0
