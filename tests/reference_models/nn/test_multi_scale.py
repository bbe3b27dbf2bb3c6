"""Multi-scale quantizers, against derivations by hand. The coders' step is 240 samples."""

from __future__ import annotations

import re

import pytest
import torch
from torch.nn import functional

from lrac_audit import audit
from lrac_audit.errors import InputError
from lrac_audit.ledger import walk
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.totals import Totals
from reference_models.nn.build import build_untrained
from reference_models.nn.codec import Receiver, Transmitter
from reference_models.nn.weights import load_codec, save_codec
from tests.disagreement import disagreeing
from tests.reference_models.nn.quantizer_designs import assert_halves_code_as_the_whole, design_of

SCALES = "{multi_scale: {strides: [4, 2, 1], codebook_size: 64, codebook_dim: 3, modes: [1, 3]}}"
SIZES = "{multi_scale: {strides: [6, 2, 3], codebook_size: [64, 100, 8]}}"
PLAIN = "{layers: 3, codebook_size: 64, codebook_dim: 3, modes: [1, 3]}"


def macs(text, form, side, layers):
    rows = walk(design_of(text), form, layers).rows
    return sum(row.macs_per_frame for row in rows if (row.side, row.stage) == (side, "rvq"))


def test_a_frame_is_the_slowest_step_and_its_bits_are_those_of_all_indices():
    design = design_of(SCALES)
    assert (design.step_samples, design.hop_samples) == (240, 960)
    # 25 frames per second, with 1 index of 6 bits in the first mode and 1 + 2 + 4 in the second
    assert design.bitrates_kbps == pytest.approx((0.15, 1.05))
    # 1, 3 and 2 indices of 6, 7 and 3 bits; 100 codewords hold less than 7 bits
    sizes = design_of(SIZES).quantizer
    assert sizes.bits_per_frame(3) == 6 + 3 * 7 + 2 * 3
    assert sizes.information_bits_per_frame(2) == pytest.approx(6 + 3 * 6.643856)


@pytest.mark.parametrize(
    ("form", "transmit", "receive"),
    [
        # A latent of 16, codewords of 3: 16 * 3 in, 64 * 3 searched and 3 * 16 out for an index,
        # of which a frame has 1 + 2 + 4.
        ("projected", 7 * (48 + 192 + 48), 7 * 48),
        ("absorbed", 7 * (48 + 192), 0),
    ],
)
def test_a_layer_costs_as_often_as_it_sends_an_index(form, transmit, receive):
    assert macs(SCALES, form, "transmit", 3) == transmit
    assert macs(SCALES, form, "receive", 3) == receive
    assert macs(SCALES, form, "transmit", 1) == transmit / 7


def test_coders_cost_and_store_the_same_per_second_as_with_one_rate():
    for stage in ("encoder", "decoder"):
        rates = []
        for text in (SCALES, PLAIN):
            ledger = walk(design_of(text), "absorbed", 3)
            rows = [row for row in ledger.rows if row.stage == stage]
            rates.append([(row.name, ledger.per_second(row.macs_per_frame)) for row in rows])
        assert rates[0] == rates[1]
    stored = [memory(walk(design_of(text), "absorbed", 3), "transmit") for text in (SCALES, PLAIN)]
    assert stored[0] == stored[1]


def test_means_and_sums_run_over_all_steps():
    rows = {(r.name, r.side): r for r in walk(design_of(SIZES), "absorbed", 3).rows}
    # a frame has 6 steps of 16 channels, whatever the stride
    assert [rows[f"quantizer.pools.{i}", "transmit"].work for i in range(3)] == [{"reduce": 96}] * 3
    assert rows["quantizer.layers.1.subtract", "transmit"].work == {"residual_add": 96}
    assert rows["quantizer.layers.1.add", "receive"].work == {"residual_add": 96}
    assert rows["quantizer.layers.1.search", "transmit"].runs_per_frame == 3
    assert ("quantizer.pools.2", "transmit") not in {
        (r.name, r.side) for r in walk(design_of(SCALES), "absorbed", 3).rows
    }


@pytest.mark.parametrize(("text", "steps"), [(SCALES, 4), (SIZES, 6)])
def test_the_delay_is_that_of_one_rate_and_the_rest_of_a_frame(text, steps):
    plain, scales = (walk(design_of(one), "absorbed", 3) for one in (PLAIN, text))
    assert latency(plain).total_samples == 240 + 12 + 120
    assert latency(scales).total_samples == 240 * steps + 12 + 120
    assert latency(scales).buffering_samples == 240
    # a quantized step sees all steps of its frame, and what these see before and after
    seen = context(plain).encoder_samples
    assert context(scales).encoder_samples == seen + 240 * (steps - 1)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (SCALES, "projected"),
        pytest.param(SCALES, "absorbed", marks=pytest.mark.sweep),
        pytest.param(SIZES, "absorbed", marks=pytest.mark.sweep),
    ],
)
def test_every_witness_agrees(text, form):
    found = audit(design_of(text), rvq=form, verify=True)
    assert not found.verdict.doubts
    assert found.agreement.findings and not disagreeing(found.agreement)
    assert Totals(found.ledger).problems == ()


def test_every_witness_agrees_on_the_first_layer_alone():
    found = audit(design_of(SCALES), bitrate_kbps=0.15, verify=True)
    assert found.agreement.findings and not found.verdict.doubts


def test_codes_are_those_of_the_definition():
    """The residual's mean over each layer's steps, its nearest codeword, and the rest."""
    quantizer = build_untrained(design_of(SIZES), 1).quantizer
    latent = torch.randn(2, 16, 12)
    residual, by_layer = latent.double(), []
    for layer, stride in zip(quantizer.layers, (6, 2, 3), strict=True):
        means = torch.stack([part.mean(2) for part in residual.split(stride, 2)], 1)
        codewords = layer.search.embed.double()
        codes = torch.cdist(means, codewords.expand(2, -1, -1)).argmin(2)
        for i, frame_codes in enumerate(codes.unbind(1)):
            residual[:, :, i * stride : (i + 1) * stride] -= codewords[frame_codes][:, :, None]
        by_layer.append(codes.view(2, 2, 6 // stride))
    expected = torch.cat(by_layer, 2).permute(2, 0, 1)
    codes = quantizer.encode(latent, 3)
    assert codes.shape == (6, 2, 2) and torch.equal(codes, expected)
    decoded = latent.double() - residual
    assert torch.allclose(quantizer.decode(codes).double(), decoded, rtol=0, atol=1e-5)


@pytest.mark.parametrize("text", [SCALES, SIZES])
@pytest.mark.parametrize("size", [100, 240, 2000])
def test_a_stream_gives_what_the_whole_gives(text, size):
    codec = build_untrained(design_of(text), 1)
    audio = 0.1 * torch.randn(2, 1, 9000)
    codes = codec.encode(audio)
    hop = design_of(text).hop_samples
    assert codes.shape == (len(design_of(text).quantizer.index_sizes(3)), 2, -(-9000 // hop))
    sender, receiver = Transmitter(codec, batch_size=2), Receiver(codec, batch_size=2)
    sent = [sender.push(part) for part in audio.split(size, 2)] + [sender.flush()]
    assert torch.equal(torch.cat(sent, 2), codes)
    heard = [receiver.push(part) for part in codes.split(1, 2)] + [receiver.flush()]
    assert torch.allclose(torch.cat(heard, 2), codec.decode(codes), rtol=0, atol=1e-5)


def test_a_frame_that_is_not_full_is_kept_apart_from_the_state():
    sender = Transmitter(build_untrained(design_of(SCALES), 1))
    sender.push(torch.zeros(1, 1, 960 * 4 + 12))  # the look-ahead of the encoder is 12 samples
    full = sender.footprint()
    sender.push(torch.zeros(1, 1, 480))
    assert sender.footprint().state_values == full.state_values > 0
    # two latent steps of 16 values wait
    assert (full.waiting_values, sender.footprint().waiting_values) == (0, 2 * 16)


@pytest.mark.parametrize("text", [SCALES, SIZES])
def test_both_absorbed_halves_give_what_the_whole_gives(text, tmp_path):
    codec = build_untrained(design_of(text), 1)
    audio = 0.1 * torch.randn(1, 1, 9000)
    codes = codec.encode(audio)
    save_codec(codec, tmp_path / "codec.safetensors")
    assert torch.equal(load_codec(tmp_path / "codec.safetensors").encode(audio), codes)
    assert_halves_code_as_the_whole(codec, audio, tmp_path)


def test_codes_of_the_first_layer_come_first():
    codec = build_untrained(design_of(SCALES), 1)
    audio = 0.1 * torch.randn(1, 1, 9000)
    assert torch.equal(codec.encode(audio)[:1], codec.encode(audio, 1))
    with pytest.raises(ValueError, match="given 2 codes in a frame"):
        codec.quantizer.decode(codec.encode(audio)[:2])


def test_a_training_step_reaches_the_encoder_and_every_layer():
    codec = build_untrained(design_of(SCALES), 1).train()
    before = [layer.search.embed.clone() for layer in codec.quantizer.layers]
    audio = 0.1 * torch.randn(2, 1, 2000)  # 8.3 steps of the latent: not whole frames
    result = codec(audio)
    assert result.audio.shape == audio.shape and result.codes.shape == (7, 2, 3)
    (functional.mse_loss(result.audio, audio) + result.commitment).backward()
    for layer, was in zip(codec.quantizer.layers, before, strict=True):
        assert not torch.equal(layer.search.embed, was)
        assert layer.project_in.weight.grad.abs().max() > 0
    assert all(p.grad.abs().max() > 0 for p in codec.encoder.parameters())


def test_training_and_inference_give_the_same_latent():
    quantizer = build_untrained(design_of(SIZES), 1).quantizer
    latent = torch.randn(2, 16, 12)
    found = quantizer(latent, 3)
    assert torch.equal(found.codes, quantizer.encode(latent, 3))
    assert torch.allclose(found.latent, quantizer.decode(found.codes), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("strides: [4, 3]", ".strides[1]: given 3; allowed: a divisor of the first stride, 4"),
        ("strides: [2, 4]", ".strides[1]: given 4; allowed: a divisor of the first stride, 2"),
        ("strides: [4, 0]", ".strides[1]: given 0; allowed: a whole number from 1"),
        ("strides: [0, 2]", ".strides[0]: given 0; allowed: a whole number from 1"),
        ("strides: [a, 2]", ".strides[0]: given 'a'; allowed: a whole number from 1"),
        ("strides: []", ".strides: given 0 entries; allowed: 1 to 64 entries"),
        ("strides: 4", ".strides: given 4; allowed: a list"),
        ("strides: [4, 2], modes: [3]", ".modes[0]: given 3; allowed: at most the 2 layers"),
        ("strides: [1000000]", ": given a frame of 1000000 steps of 240 samples; allowed: a frame"),
        ("strides: [4, 2], layers: 2", ".layers: given an unknown key; allowed: one of strides"),
    ],
)
def test_one_message_names_the_field(fields, message):
    with pytest.raises(InputError, match=re.escape(f"quantizer.multi_scale{message}")) as refused:
        design_of(f"{{multi_scale: {{{fields}, codebook_size: 8}}}}")
    assert len(refused.value.problems) == 1


def test_sizes_are_as_many_as_strides():
    message = "quantizer.multi_scale.codebook_size: given 3 entries; allowed: one number, or one"
    with pytest.raises(InputError, match=re.escape(message)) as refused:
        design_of("{multi_scale: {strides: [4, 2], codebook_size: [8, 8, 8]}}")
    assert len(refused.value.problems) == 1
