"""Split quantizers, and layers that share their projections, against derivations by hand."""

from __future__ import annotations

import re

import pytest
import torch

from lrac_audit import audit
from lrac_audit.errors import InputError
from lrac_audit.ledger import walk
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.totals import Totals
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build_untrained
from reference_models.nn.codec import Receiver, Transmitter
from reference_models.nn.weights import load_codec, save_codec
from tests.disagreement import disagreeing
from tests.reference_models.nn.quantizer_designs import design_of

SPLIT = "{split_rvq: {layers: 3, codebook_size: [64, 32, 8], codebook_dim: 4, modes: [1, 3]}}"
UNBIASED = SPLIT.replace("codebook_dim: 4", "codebook_dim: 4, bias: false")
SHARED = "{split_rvq: {layers: 2, semantic_layers: 0, codebook_size: 32, codebook_dim: 4}}"
PLAIN = "{split_rvq: {layers: 3, semantic_layers: 2, codebook_size: 16}}"
PROJECTION = 16 * 4
"""The latent of these designs has 16 channels."""


def macs(text, form, side, layers):
    rows = walk(design_of(text), form, layers).rows
    return sum(row.macs_per_frame for row in rows if (row.side, row.stage) == (side, "rvq"))


def stored(text, form, side):
    ledger = walk(design_of(text), form, 1)
    values = memory(ledger, side).stored_values
    return {kind: n for kind, n in values.items() if n and kind != "weights"}  # the coders'


@pytest.mark.parametrize(
    ("text", "layers", "transmit", "receive"),
    [
        # one projection into each part, and codewords of width 4 to search; one out of each part
        (SPLIT, 3, 2 * PROJECTION + (64 + 32 + 8) * 4, 2 * PROJECTION),
        # the acoustic part is off, with its projections
        (SPLIT, 1, PROJECTION + 64 * 4, PROJECTION),
        (SPLIT, 2, 2 * PROJECTION + (64 + 32) * 4, 2 * PROJECTION),
        # two layers between one pair of projections
        (SHARED, 2, PROJECTION + 2 * 32 * 4, PROJECTION),
        # codewords as wide as the latent
        (PLAIN, 3, 3 * 16 * 16, 0),
    ],
)
def test_each_part_projects_once(text, layers, transmit, receive):
    assert macs(text, "projected", "transmit", layers) == transmit
    assert macs(text, "projected", "receive", layers) == receive
    # absorbed, the receiver looks up only; the sender subtracts in the projected space in any case
    assert macs(text, "absorbed", "transmit", layers) == transmit
    assert macs(text, "absorbed", "receive", layers) == 0


def test_what_each_side_stores():
    books = (64 + 32 + 8) * 4
    projections = 2 * (PROJECTION + 16)
    assert stored(SPLIT, "projected", "receive") == {
        "codebook": books,
        "projection_out": projections,
    }
    assert stored(SPLIT, "absorbed", "receive") == {"table": (64 + 32 + 8) * 16}
    into = 2 * (PROJECTION + 4)
    for form in ("projected", "absorbed"):
        assert stored(SPLIT, form, "transmit") == {"codebook": books, "projection_in": into}
    assert stored(UNBIASED, "projected", "transmit")["projection_in"] == 2 * PROJECTION
    assert stored(UNBIASED, "projected", "receive")["projection_out"] == 2 * PROJECTION


def test_additions_and_biases():
    """The receiver adds the layers of a part in the projected space, then both parts."""
    work = {row.name: dict(row.work) for row in walk(design_of(SPLIT), "projected", 3).rows}
    receive = {
        row.name: row.work["residual_add"]
        for row in walk(design_of(SPLIT), "projected", 3).rows
        if (row.side, row.op) == ("receive", "add") and row.stage == "rvq"
    }
    assert receive == {"quantizer.parts.1.layers.1.add": 4, "quantizer.add": 16}
    assert work["quantizer.parts.0.project_out"] == {"linear": PROJECTION, "bias": 16}
    (row,) = [r for r in walk(design_of(SPLIT), "projected", 1).rows if r.name == "quantizer.add"]
    assert row.runs_per_frame == 0 and not row.work


def test_bits_of_both_parts_add_up():
    # 64, 32 and 8 codewords take 6, 5 and 3 bits, 100 times a second
    assert audit(design_of(SPLIT)).ledger.bitrates_kbps == (0.6, 1.4)


@pytest.mark.parametrize(
    ("text", "kbps", "form"),
    [
        (UNBIASED, 0.6, "projected"),
        (SPLIT, 1.4, "absorbed"),
        pytest.param(UNBIASED, 1.4, "absorbed", marks=pytest.mark.sweep),
        pytest.param(SPLIT, 1.4, "projected", marks=pytest.mark.sweep),
        pytest.param(SHARED, 1, "absorbed", marks=pytest.mark.sweep),
        pytest.param(SHARED, 1, "projected", marks=pytest.mark.sweep),
        pytest.param(PLAIN, 1.2, "absorbed", marks=pytest.mark.sweep),
    ],
)
def test_every_witness_agrees(text, kbps, form):
    found = audit(design_of(text), rvq=form, bitrate_kbps=kbps, verify=True)
    assert not found.verdict.doubts
    assert found.agreement.findings and not disagreeing(found.agreement)
    assert Totals(found.ledger).problems == ()


@pytest.mark.parametrize("text", [SPLIT, UNBIASED, SHARED, PLAIN])
def test_a_stream_and_both_absorbed_halves_give_what_the_whole_gives(text, tmp_path):
    codec = build_untrained(design_of(text), 1)
    audio = 0.1 * torch.randn(1, 1, 2400)
    codes = codec.encode(audio)
    assert len(codes) == design_of(text).quantizer.layers
    sender, receiver = Transmitter(codec), Receiver(codec)
    sent = [sender.push(part) for part in audio.split(100, 2)] + [sender.flush()]
    assert torch.equal(torch.cat(sent, 2), codes)
    heard = [receiver.push(part) for part in codes.split(1, 2)] + [receiver.flush()]
    assert torch.allclose(torch.cat(heard, 2), codec.decode(codes), rtol=0, atol=1e-5)
    pair, loaded = absorb(codec), []
    for name, half in pair._asdict().items():
        save_codec(half, tmp_path / f"{name}.safetensors")
        loaded.append(load_codec(tmp_path / f"{name}.safetensors"))
        values = sum(value.numel() for value in loaded[-1].state_dict().values())
        assert values == memory(walk(design_of(text), "absorbed", 1), name).total_stored_values
    assert torch.equal(loaded[0].encode(audio), codes)
    assert torch.allclose(loaded[1].decode(codes), codec.decode(codes), rtol=0, atol=1e-5)


def test_the_model_computes_what_the_definition_says():
    """The nearest codeword of each residual in the projected space; then the sum of both parts."""
    quantizer = build_untrained(design_of(SPLIT), 1).quantizer.double()
    latent = torch.randn(1, 16, 9, dtype=torch.float64)
    codes, total = [], torch.zeros(9, 16, dtype=torch.float64)
    for part in quantizer.parts:
        residual, chosen = part.project_in(latent[0].T), torch.zeros(9, 4, dtype=torch.float64)
        for layer in part.layers:
            codewords = layer.search.embed
            nearest = (residual[:, None] - codewords).square().sum(2).argmin(1)
            codes.append(nearest)
            residual, chosen = residual - codewords[nearest], chosen + codewords[nearest]
        total = total + part.project_out(chosen)
    assert torch.equal(quantizer.encode(latent, 3)[:, 0], torch.stack(codes))
    decoded = quantizer.decode(quantizer.encode(latent, 3))
    assert torch.allclose(decoded[0].T, total, rtol=0, atol=1e-12)


def test_the_acoustic_part_does_not_hang_on_the_semantic_one():
    codec = build_untrained(design_of(SPLIT), 1)
    audio = 0.1 * torch.randn(1, 1, 2400)
    before = codec.encode(audio)
    codec.quantizer.parts[0].layers[0].search.embed += torch.randn(64, 4)
    after = codec.encode(audio)
    assert not torch.equal(before[0], after[0])
    assert torch.equal(before[1:], after[1:])
    assert torch.equal(codec.encode(audio, 1), after[:1])


def test_a_training_step_trains_both_parts():
    codec = build_untrained(design_of(SPLIT), 1).train()
    before = [part.layers[0].search.embed.clone() for part in codec.quantizer.parts]
    found = codec(0.1 * torch.randn(1, 1, 2400))
    (found.commitment + found.audio.square().mean()).backward()
    assert found.codes.shape == (3, 1, 10)
    for part, was in zip(codec.quantizer.parts, before, strict=True):
        assert not torch.equal(part.layers[0].search.embed, was)
        for projection in (part.project_in, part.project_out):
            assert projection.weight.grad.abs().max() > 0


def test_the_commitment_is_the_mean_over_all_layers():
    codec = build_untrained(design_of(SPLIT), 1).train()
    latent = torch.randn(1, 16, 50)
    with torch.no_grad():
        each = [
            part(latent, n).commitment
            for part, n in zip(codec.quantizer.parts, (1, 2), strict=True)
        ]
        codec = build_untrained(design_of(SPLIT), 1).train()
        found = codec.quantizer(latent, 3).commitment
    assert torch.allclose(found, (each[0] + 2 * each[1]) / 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{split_rvq: {layers: 2, semantic_layers: 2, codebook_size: 8}}",
            "quantizer.split_rvq.semantic_layers: given 2; allowed: fewer than the 2 layers",
        ),
        (
            "{split_rvq: {layers: 1, codebook_size: 8}}",
            "quantizer.split_rvq.semantic_layers: given 1; allowed: fewer than the 1 layers",
        ),
        (
            "{split_rvq: {layers: 3, codebook_size: [8, 8]}}",
            "quantizer.split_rvq.codebook_size: given 2 entries; allowed: one number, or one for",
        ),
        (
            "{split_rvq: {layers: 3, codebook_size: 8, codebook_dim: 0}}",
            "quantizer.split_rvq.codebook_dim: given 0; allowed",
        ),
        (
            "{split_rvq: {layers: 3, codebook_size: 8, acoustic_layers: 2}}",
            "quantizer.split_rvq.acoustic_layers: given an unknown key",
        ),
        (
            "{split_rvq: {layers: 3, codebook_size: 8, modes: [4]}}",
            "quantizer.split_rvq.modes",
        ),
    ],
)
def test_one_message_names_the_field(text, message):
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        design_of(text)
    assert len(refused.value.problems) == 1
