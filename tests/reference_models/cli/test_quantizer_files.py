"""``.lrac`` files of every kind of quantizer: sizes by hand, indices as the model gives them."""

from __future__ import annotations

import re

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit import audit
from lrac_audit.auditing.document import audit_document
from lrac_audit.design.native import write_design
from lrac_audit.design.quantizer import QUANTIZER_KINDS
from reference_models.bitstream.reader import open_bitstream
from reference_models.nn.weights import load_codec
from tests.reference_models.nn.quantizer_designs import design_of

CLIP_SAMPLES = 12_345
CASES = {
    # quantizer: bits of each index with all layers, and of the first mode
    "{layers: 3, codebook_size: [64, 100, 8], codebook_dim: 4, modes: [1, 3]}": ([6, 7, 3], [6]),
    "{grouped_rvq: {groups: 2, layers: 2, codebook_size: [64, 16], modes: [1, 2]}}": (
        [6, 6, 4, 4],
        [6, 6],
    ),
    "{fsq: {levels: [8, 5, 5, 5], layers: 2, modes: [1, 2]}}": ([10, 10], [10]),
    "{fsq: {levels: [1000, 1000, 1000, 3, 3], layers: 2, modes: [1, 2]}}": ([34, 34], [34]),
    "{multi_scale: {strides: [4, 2, 1], codebook_size: [64, 16, 8], modes: [1, 3]}}": (
        [6, 4, 4, 3, 3, 3, 3],  # 1, 2 and 4 indices in a frame of 4 latent steps
        [6],
    ),
    "{split_rvq: {layers: 3, codebook_size: 64, codebook_dim: 4, modes: [1, 3]}}": ([6] * 3, [6]),
    "{lookup_free: {bits: 21, layers: 3, modes: [1, 3]}}": ([21, 21, 21], [21]),
}


@pytest.fixture
def coded(run, speech, tmp_path):
    """Encode the clip with a codec of a quantizer, as the paths of the weights and of the file."""

    def encode(quantizer, *options):
        design, weights = tmp_path / "small.yaml", tmp_path / "small.safetensors"
        design.write_text(write_design(design_of(quantizer)), encoding="utf-8")
        assert run("init", "--design", design, weights, "--seed", 3).code == 0
        file = tmp_path / "clip.lrac"
        done = run("encode", speech, file, "--weights", weights, *options)
        assert (done.code, done.err) == (0, "")
        return weights, file

    return encode


def test_every_kind_has_a_case():
    named = {re.match(r"{(\w+)", text)[1] for text in CASES}
    assert named == {*QUANTIZER_KINDS, "layers"} - {"none"}


@pytest.mark.parametrize("quantizer", CASES)
def test_the_file_holds_the_indices_of_the_model(run, coded, speech, tmp_path, quantizer):
    bits, _ = CASES[quantizer]
    weights, file = coded(quantizer)
    bitstream = open_bitstream(file)
    assert bitstream.header.index_bits == tuple(bits)
    codec = load_codec(weights)
    frames = -(-CLIP_SAMPLES // codec.design.hop_samples)
    assert bitstream.present_bytes == -(-frames * sum(bits) // 8)
    samples = torch.from_numpy(soundfile.read(speech, dtype="float32")[0])[None, None]
    expected = codec.encode(samples)[:, 0].numpy()
    sizes = codec.design.quantizer.index_sizes(codec.design.quantizer.layers)
    assert np.array_equal(np.concatenate([*bitstream.chunks(sizes)], axis=1), expected)
    decoded = run("decode", file, tmp_path / "clip.wav", "--weights", weights)
    assert (decoded.code, decoded.err) == (0, "")
    heard = soundfile.read(tmp_path / "clip.wav")[0]
    whole = codec.decode(codec.encode(samples))[0, 0, : len(heard)].clip(-1, 1).numpy()
    assert len(heard) == samples.shape[2] and np.abs(heard).max() > 0
    assert np.abs(heard - whole).max() <= 1 / 32768


@pytest.mark.parametrize("quantizer", CASES)
def test_fewer_layers_are_the_first_indices(run, coded, tmp_path, quantizer):
    _, of_first_mode = CASES[quantizer]
    weights, whole = coded(quantizer)
    design = load_codec(weights).design
    lowest = f"{design.bitrates_kbps[0]:g}"
    rough = run("decode", whole, tmp_path / "a.wav", "--weights", weights, "--bitrate", lowest)
    assert (rough.code, rough.err) == (0, "")
    _, file = coded(quantizer, "--bitrate", lowest)
    assert open_bitstream(file).header.index_bits == tuple(of_first_mode)
    assert run("decode", file, tmp_path / "b.wav", "--weights", weights).code == 0
    heard = [soundfile.read(tmp_path / f"{name}.wav", dtype="int16")[0] for name in "ab"]
    assert np.array_equal(*heard)
    found = audit_document(audit(design, bitrate_kbps=float(lowest)))["mode"]
    assert found["packed_bits_per_frame"] == sum(of_first_mode)


@pytest.mark.parametrize(
    ("quantizer", "frame"),
    [
        (
            "{grouped_rvq: {groups: 2, layers: 2, codebook_size: [64, 16]}}",
            "2 layers, indices of 6 + 6 + 4 + 4 = 20 bits",
        ),
        (
            "{grouped_rvq: {groups: 2, layers: 1, codebook_size: 32}}",
            "1 layer, indices of 5 + 5 = 10 bits",
        ),
        ("{fsq: {levels: [8, 5, 5, 5], layers: 2}}", "2 layers x 10 bits"),
        ("{lookup_free: {bits: 21, layers: 3}}", "3 layers x 21 bits"),
    ],
)
def test_info_says_what_a_frame_holds(run, coded, quantizer, frame):
    _, file = coded(quantizer)
    done = run("info", file)
    assert (done.code, done.err) == (0, "")
    assert re.search(rf"^frame +{re.escape(frame)}$", done.out, re.M)
    version = 1 if frame == "2 layers x 10 bits" else 2
    assert re.search(rf"^format +lrac {version}$", done.out, re.M)


def test_a_damaged_index_of_a_group_is_named(run, coded, tmp_path):
    weights, file = coded("{grouped_rvq: {groups: 2, layers: 1, codebook_size: 5}}")
    content = bytearray(file.read_bytes())
    content[-20] = 0xFF
    file.write_bytes(content)
    done = run("decode", file, tmp_path / "x.wav", "--weights", weights)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert re.search(r"frame \d+, index \d: given index [567]: the payload is dam", done.err)


def test_a_codec_without_quantizer_has_nothing_to_write(run, speech, tmp_path):
    design, weights = tmp_path / "none.yaml", tmp_path / "none.safetensors"
    design.write_text(write_design(design_of("none")), encoding="utf-8")
    assert run("init", "--design", design, weights).code == 0
    assert "none: the latent is continuous" in run("info", weights).out
    done = run("encode", speech, tmp_path / "x.lrac", "--weights", weights)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "quantizer.none: given no indices, which a .lrac file consists of" in done.err
    assert not (tmp_path / "x.lrac").exists()
