"""Finite scalar quantization: levels, indices, costs and bits against derivations by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from math import log2

import pytest
import torch

from lrac_audit import audit
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.errors import InputError
from lrac_audit.ledger import walk
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build, build_untrained
from reference_models.nn.quantizers.scalar import Levels, ScalarQuantizer
from tests.reference_models.nn.quantizer_designs import (
    assert_refused,
    assert_streams_as_at_once,
    design_of,
)

PAPER = "{fsq: {levels: [8, 5, 5, 5]}}"
RESIDUAL = "{fsq: {levels: [8, 5, 4], layers: 3, modes: [1, 3]}}"


def rows_of(text, form="absorbed", layers=1):
    return {row.name: row for row in walk(design_of(text), form, layers).rows if row.stage == "rvq"}


def test_a_frame_holds_the_logarithm_of_its_levels_and_packs_into_whole_bits():
    # Mentzer et al. 2023, table 1: the levels 8, 5, 5, 5 stand for 2^10 codewords; they make 1000.
    fsq = design_of(PAPER).quantizer
    assert fsq.index_sizes(1) == (1000,)
    assert fsq.bits_per_frame(1) == 10
    assert fsq.information_bits_per_frame(1) == pytest.approx(3 + 3 * log2(5))
    # 24000 Hz over a hop of 240 samples are 100 frames per second.
    assert audit(design_of(PAPER)).ledger.mode.bitrate_kbps == 1.0
    # 8 * 5 * 4 = 160 values take 8 bits; 1 and 3 layers at 100 frames per second.
    assert audit(design_of(RESIDUAL)).ledger.bitrates_kbps == (0.8, 2.4)


@pytest.mark.parametrize("form", ["absorbed", "projected"])
def test_only_the_projections_multiply_in_either_form(form):
    # The latent has 16 channels and 4 values are rounded: 16 * 4 each way, with their biases.
    rows = rows_of(PAPER, form)
    macs = {name: row.macs_per_frame for name, row in rows.items() if row.macs_per_frame}
    assert macs == {"quantizer.project_in": 64, "quantizer.project_out": 64}
    stored = {name: row.stored_values for name, row in rows.items() if row.stored_values}
    assert stored == {"quantizer.project_in": 64 + 4, "quantizer.project_out": 64 + 16}
    # Nothing that the receiver stores is needed by the sender.
    assert not any(row.shared_values for row in rows.values())
    assert audit(design_of(PAPER)).absorption is None


def test_residual_layers_share_the_projections_and_the_last_leaves_nothing_over():
    rows = rows_of(RESIDUAL, layers=2)
    assert [name for name, row in rows.items() if row.side == "transmit"] == [
        "quantizer.project_in",
        "quantizer.layers.0.round",
        "quantizer.layers.0.subtract",
        "quantizer.layers.1.round",
        "quantizer.layers.1.subtract",
        "quantizer.layers.2.round",
    ]
    working = [name for name, row in rows.items() if row.work]
    # Of the three layers two are on, so that only the first one's difference is used.
    assert working == [
        "quantizer.project_in",
        "quantizer.layers.0.round",
        "quantizer.layers.0.subtract",
        "quantizer.layers.1.round",
        "quantizer.layers.0.rescale",
        "quantizer.layers.1.rescale",
        "quantizer.layers.1.add",
        "quantizer.project_out",
    ]


def test_a_latent_as_wide_as_the_levels_is_not_projected():
    assert "quantizer.project_in" not in rows_of(f"{{fsq: {{levels: {[3] * 16}}}}}")


def test_every_level_is_reached_and_none_beyond():
    # Even counts are one short above zero: 8 levels are -4 to 3, 5 levels are -2 to 2.
    layer, x = Levels((8, 5), 0), torch.linspace(-30, 30, 6001).unsqueeze(1).expand(-1, 2)
    levels = layer(x).round()
    assert levels[:, 0].unique().tolist() == [*range(-4, 4)]
    assert levels[:, 1].unique().tolist() == [*range(-2, 3)]
    assert layer(torch.zeros(1, 2)).round().tolist() == [[0, 0]]
    values = layer.values(levels)
    assert values.aminmax() == (-1, 1)


def test_an_index_counts_through_all_levels_with_the_first_value_fastest():
    layer = Levels((3, 2, 4), 0)
    levels = layer.levels_of(torch.arange(24), torch.empty(0))
    # Digits (0, 0, 0), (1, 0, 0), (2, 0, 0), (0, 1, 0) ... less 3 // 2, 2 // 2 and 4 // 2.
    assert levels[:4].tolist() == [[-1, -1, -2], [0, -1, -2], [1, -1, -2], [-1, 0, -2]]
    assert levels[6].tolist() == [-1, -1, -1]
    assert layer.indices(levels).tolist() == [*range(24)]


def test_a_residual_layer_rounds_on_a_finer_scale():
    quantizer = ScalarQuantizer(None, [Levels((5, 5), i) for i in range(3)], None).double()
    latent = torch.linspace(-0.9, 0.9, 38).view(1, 2, 19).double()
    errors = [
        (quantizer.decode(quantizer.encode(latent, n)) - latent.tanh()).abs().max() for n in (1, 3)
    ]
    # One layer of 5 levels is within half a step, 0.25; each further one has steps 4 times finer,
    # but bounds what it gets by its own tanh, so that it does not come all the way.
    assert errors[0] < 0.35
    assert errors[1] < errors[0]


def test_a_training_step_passes_the_gradient_of_the_bound_through_the_rounding():
    quantizer = ScalarQuantizer(None, [Levels((5,), 0)], None).double().train()
    latent = torch.tensor([[[0.3, -0.7]]], dtype=torch.float64, requires_grad=True)
    made = quantizer(latent, 1)
    made.latent.sum().backward()
    # Straight through: the derivative of tanh(x) * half / (5 // 2) with half = 2 * 1.001.
    expected = (1 - latent.detach().tanh() ** 2) * 2 * 1.001 / 2
    assert torch.allclose(latent.grad, expected, rtol=1e-12)
    assert torch.equal(made.latent, quantizer.decode(made.codes))
    assert made.commitment == 0


def test_a_training_step_of_a_codec_moves_both_projections():
    codec = build(design_of(RESIDUAL)).train()
    codec(0.1 * torch.randn(1, 1, 2400)).audio.square().mean().backward()
    for name in ("project_in", "project_out"):
        assert codec.quantizer.get_submodule(name).weight.grad.abs().max() > 0


@pytest.mark.parametrize("text", [PAPER, RESIDUAL])
def test_a_stream_gives_what_the_whole_gives(text):
    assert_streams_as_at_once(build_untrained(design_of(text), 1).double(), 2400, 1e-12)


@pytest.mark.parametrize("form", ["absorbed", "projected"])
@pytest.mark.parametrize("text", [PAPER, RESIDUAL])
def test_every_witness_agrees(text, form):
    verdict = audit(design_of(text), rvq=form, verify=True).verdict
    assert (verdict.doubts, verdict.status) == ((), "pass")


def test_there_is_nothing_to_absorb():
    with pytest.raises(
        InputError, match="quantizer: given the kind fsq; allowed: a residual vector quantizer"
    ):
        absorb(build_untrained(design_of(PAPER), 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{fsq: {levels: [8, 1]}}", r"quantizer.fsq.levels[1]: given 1; allowed:"),
        ("{fsq: {levels: []}}", r"quantizer.fsq.levels: given 0 entries; allowed: 1 to 64"),
        ("{fsq: {}}", r"quantizer.fsq.levels: given 0 entries"),
        ("fsq", r"quantizer.fsq.levels: given 0 entries"),
        ("{fsq: [8, 5]}", r"quantizer.fsq: given [8, 5]; allowed: a mapping"),
        ("{fsq: {levels: [64, 64], layers: 2, modes: [3]}}", "quantizer.fsq.modes[0]: given 3"),
        (f"{{fsq: {{levels: {[2] * 63}}}}}", "quantizer.fsq.levels: given levels whose product"),
        ("{fsk: {levels: [8]}}", "did you mean fsq?"),
        ("{fsq: {levels: [8], codebook_size: 9}}", "quantizer.fsq.codebook_size: given an unknown"),
    ],
)
def test_one_message_names_the_field(text, message):
    assert_refused(text, message)


def test_the_levels_are_checked_in_python_too():
    with pytest.raises(InputError, match=re.escape("quantizer.fsq.levels[0]: given 1")):
        replace(design_of(PAPER), quantizer=Fsq(levels=(1,)))
