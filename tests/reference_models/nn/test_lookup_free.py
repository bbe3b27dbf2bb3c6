"""Lookup-free quantization: signs, costs and bits against derivations by hand."""

from __future__ import annotations

import pytest
import torch

from lrac_audit import audit
from lrac_audit.ledger import walk
from reference_models.nn.build import build_untrained
from reference_models.nn.quantizers.scalar import ScalarQuantizer, Signs
from tests.disagreement import disagreeing
from tests.reference_models.nn.quantizer_designs import (
    assert_refused,
    assert_streams_as_at_once,
    design_of,
)

BINARY = "{lookup_free: {bits: 10}}"
RESIDUAL = "{lookup_free: {bits: 16, layers: 2, modes: [1, 2]}}"


def test_each_value_takes_one_bit():
    assert design_of(BINARY).quantizer.index_sizes(1) == (1024,)
    # 10 bits, and twice 16, at 100 frames per second.
    assert audit(design_of(BINARY)).ledger.bitrates_kbps == (1.0,)
    assert audit(design_of(RESIDUAL)).ledger.bitrates_kbps == (1.6, 3.2)
    assert design_of(RESIDUAL).quantizer.information_bits_per_frame(2) == 32


@pytest.mark.parametrize("form", ["absorbed", "projected"])
def test_only_the_projections_multiply(form):
    rows = [row for row in walk(design_of(BINARY), form, 1).rows if row.stage == "rvq"]
    assert [(row.name, row.macs_per_frame, row.stored_values) for row in rows] == [
        ("quantizer.project_in", 16 * 10, 16 * 10 + 10),
        ("quantizer.layers.0.round", 0, 0),
        ("quantizer.layers.0.rescale", 0, 0),
        ("quantizer.project_out", 10 * 16, 10 * 16 + 16),
    ]
    # 16 bits of a latent of 16 channels need no projection.
    rows = [row for row in walk(design_of(RESIDUAL), form, 2).rows if row.stage == "rvq"]
    assert not any(row.macs_per_frame or row.stored_values for row in rows)


def test_the_values_are_signs_and_zero_is_negative():
    quantizer = ScalarQuantizer(None, [Signs(3, 0)], None)
    latent = torch.tensor([[[-0.2, 5.0], [0.0, 1e-3], [7.0, -3.0]]])
    codes = quantizer.encode(latent, 1)
    # The first value's bit is the lowest: -, 0, + is binary 100; +, +, - is 011.
    assert codes.tolist() == [[[4, 3]]]
    assert quantizer.decode(codes).tolist() == [[[-1, 1], [-1, 1], [1, -1]]]


def test_layers_halve_the_scale():
    quantizer = ScalarQuantizer(None, [Signs(1, i) for i in range(3)], None)
    latent = torch.tensor([[[0.3, -1.6]]])
    # 0.3: 1, then -0.7 is -1/2, then -0.2 is -1/4. -1.6: -1, then -0.6 is -1/2, -0.1 is -1/4.
    assert quantizer.decode(quantizer.encode(latent, 3)).tolist() == [[[0.25, -1.75]]]


def test_a_training_step_passes_the_gradient_as_it_comes():
    quantizer = ScalarQuantizer(None, [Signs(2, 0)], None).train()
    latent = torch.tensor([[[0.3], [-0.7]]], requires_grad=True)
    made = quantizer(latent, 1)
    (made.latent * torch.tensor([[[2.0], [3.0]]])).sum().backward()
    assert latent.grad.flatten().tolist() == [2, 3]
    assert made.latent.flatten().tolist() == [1, -1]


@pytest.mark.parametrize("text", [BINARY, RESIDUAL])
def test_a_stream_gives_what_the_whole_gives(text):
    assert_streams_as_at_once(build_untrained(design_of(text), 1).double(), 2400, 1e-12)


@pytest.mark.parametrize("text", [BINARY, RESIDUAL])
def test_every_witness_agrees(text):
    found = audit(design_of(text), verify=True)
    assert not found.verdict.doubts
    assert found.agreement.findings and not disagreeing(found.agreement)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{lookup_free: {bits: 0}}", "quantizer.lookup_free.bits: given 0; allowed:"),
        ("{lookup_free: {bits: 63}}", "quantizer.lookup_free.bits: given 63; allowed:"),
        ("lookup_free", "quantizer.lookup_free.bits: given nothing; allowed:"),
    ],
)
def test_one_message_names_the_field(text, message):
    assert_refused(text, message)
