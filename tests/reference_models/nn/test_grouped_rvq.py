"""Grouped quantizers and codebooks of several sizes, against derivations by hand."""

from __future__ import annotations

import pytest
import torch

from lrac_audit import audit
from lrac_audit.ledger import walk
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.totals import Totals
from reference_models.nn.build import build_untrained
from tests.disagreement import disagreeing
from tests.reference_models.nn.quantizer_designs import (
    assert_halves_code_as_the_whole,
    assert_refused,
    design_of,
    streamed,
)

GROUPED = (
    "{grouped_rvq: {groups: 2, layers: 2, codebook_size: [64, 16], codebook_dim: 3, modes: [1, 2]}}"
)
PRODUCT = "{grouped_rvq: {groups: 4, layers: 1, codebook_size: 32}}"
SIZES = "{layers: 3, codebook_size: [64, 100, 8], codebook_dim: 4, modes: [1, 3]}"


def macs(text, form, side, layers):
    rows = walk(design_of(text), form, layers).rows
    return sum(row.macs_per_frame for row in rows if (row.side, row.stage) == (side, "rvq"))


def stored(text, form, side):
    ledger = walk(design_of(text), form, 1)
    values = memory(ledger, side).stored_values
    return {kind: n for kind, n in values.items() if n and kind != "weights"}  # the coders'


def test_bits_of_groups_and_of_sizes_add_up():
    # A layer of each group: 6 and 4 bits, for two groups, at 100 frames per second.
    assert audit(design_of(GROUPED)).ledger.bitrates_kbps == (1.2, 2.0)
    # 64, 100 and 8 codewords take 6, 7 and 3 whole bits; 100 hold less than 7.
    sizes = design_of(SIZES).quantizer
    assert [sizes.bits_per_frame(n) for n in (1, 2, 3)] == [6, 13, 16]
    assert sizes.information_bits_per_frame(3) == pytest.approx(6 + 6.643856 + 3)


@pytest.mark.parametrize(
    ("form", "transmit", "receive"),
    [
        # Latent 16 in 2 groups of 8, codewords of 3: per group a projection in of 8 * 3 and one
        # out of 3 * 8 for each of two layers, and searches among 64 and 16 codewords of width 3.
        ("projected", 2 * (2 * 24 + 3 * (64 + 16) + 2 * 24), 2 * 2 * 24),
        ("absorbed", 2 * (2 * 24 + 3 * (64 + 16)), 0),
    ],
)
def test_each_group_costs_what_a_quantizer_of_its_width_does(form, transmit, receive):
    assert macs(GROUPED, form, "transmit", 2) == transmit
    assert macs(GROUPED, form, "receive", 2) == receive


def test_a_product_quantizer_searches_no_more_than_one_codebook_of_its_size():
    # 4 groups of 4 channels, 32 codewords each: 4 * 4 * 32, without projections.
    for form in ("absorbed", "projected"):
        assert macs(PRODUCT, form, "transmit", 1) == 512
        assert macs(PRODUCT, form, "receive", 1) == 0
    assert audit(design_of(PRODUCT)).absorption is None


def test_each_layer_searches_and_stores_its_own_size():
    # Codewords of width 4 from a latent of 16; layers 2 and 3 rest in the mode of one layer.
    assert macs(SIZES, "absorbed", "transmit", 1) == 16 * 4 + 64 * 4
    assert macs(SIZES, "absorbed", "transmit", 3) == 3 * 64 + (64 + 100 + 8) * 4
    assert stored(SIZES, "absorbed", "receive") == {"table": (64 + 100 + 8) * 16}
    assert stored(SIZES, "projected", "receive") == {
        "codebook": (64 + 100 + 8) * 4,
        "projection_out": 3 * (4 * 16 + 16),
    }


@pytest.mark.parametrize("form", ["absorbed", "projected"])
@pytest.mark.parametrize("text", [GROUPED, PRODUCT, SIZES])
def test_every_witness_agrees(text, form):
    found = audit(design_of(text), rvq=form, verify=True)
    assert not found.verdict.doubts
    assert found.agreement.findings and not disagreeing(found.agreement)
    assert Totals(found.ledger).problems == ()


@pytest.mark.parametrize("text", [GROUPED, SIZES])
def test_a_stream_and_both_absorbed_halves_give_what_the_whole_gives(text, tmp_path):
    codec = build_untrained(design_of(text), 1)
    audio = 0.1 * torch.randn(1, 1, 2400)
    codes = codec.encode(audio)
    assert len(codes) == len(design_of(text).quantizer.index_sizes(codec.quantizer.layer_count))
    sent, heard = streamed(codec, audio)
    assert torch.equal(sent, codes)
    assert torch.allclose(heard, codec.decode(codes), rtol=0, atol=1e-5)
    assert_halves_code_as_the_whole(codec, audio, tmp_path)


def test_codes_of_the_first_layer_come_first():
    codec = build_untrained(design_of(GROUPED), 1)
    audio = 0.1 * torch.randn(1, 1, 2400)
    assert torch.equal(codec.encode(audio)[:2], codec.encode(audio, 1))


def test_a_group_is_coded_from_its_own_channels_alone():
    quantizer = build_untrained(design_of(GROUPED), 1).quantizer
    latent = torch.randn(1, 16, 50)
    changed = latent.clone()
    changed[:, 8:] += torch.randn(1, 8, 50)
    same = (quantizer.encode(latent, 2) == quantizer.encode(changed, 2)).flatten(1).all(1)
    assert same.tolist() == [True, False, True, False]


def test_a_training_step_trains_the_codebooks_of_all_groups():
    codec = build_untrained(design_of(GROUPED), 1).train()
    before = [group.layers[1].search.embed.clone() for group in codec.quantizer.groups]
    codec(0.1 * torch.randn(1, 1, 2400)).commitment.backward()
    for group, was in zip(codec.quantizer.groups, before, strict=True):
        assert not torch.equal(group.layers[1].search.embed, was)
        assert group.layers[0].project_in.weight.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{grouped_rvq: {groups: 3, layers: 1, codebook_size: 8}}",
            "quantizer.grouped_rvq.groups: given 3; allowed: a divisor of the 16 channels",
        ),
        (
            "{grouped_rvq: {groups: 0, layers: 1, codebook_size: 8}}",
            "quantizer.grouped_rvq.groups: given 0; allowed:",
        ),
        (
            "{grouped_rvq: {groups: x, layers: 1, codebook_size: 8}}",
            "quantizer.grouped_rvq.groups: given 'x'; allowed: a whole number from 2",
        ),
        (
            "{grouped_rvq: {groups: 2, layers: 2, codebook_size: [8, 8, 8]}}",
            "quantizer.grouped_rvq.codebook_size: given 3 entries; allowed: one number, or one",
        ),
        ("{layers: 2, codebook_size: [8]}", "quantizer.codebook_size: given 1 entries; allowed"),
        ("{layers: 2, codebook_size: [8, 1]}", "quantizer.codebook_size[1]: given 1; allowed"),
        ("{layers: 2, codebook_size: 1}", "quantizer.codebook_size: given 1; allowed"),
        ("{layers: 2, codebook_size: {}}", "quantizer.codebook_size: given {}; allowed"),
    ],
)
def test_one_message_names_the_field(text, message):
    assert_refused(text, message)
