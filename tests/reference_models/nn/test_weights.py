"""Codecs as files, and what two files know each other by."""

from dataclasses import replace

import pytest
import safetensors
import torch
from hypothesis import given, settings
from safetensors.torch import load_file, save_file

from lrac_audit.design.formats import load_design
from lrac_audit.design.native import write_design
from lrac_audit.errors import InputError
from lrac_audit.ledger import walk
from lrac_audit.ledger.memory import memory
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build, build_untrained
from reference_models.nn.weights import (
    design_fingerprint,
    load_codec,
    save_codec,
    weights_fingerprint,
)
from tests.random_designs import designs
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.test_random_designs import EVERYTHING, audio_of
from tests.rounding import Reference
from tests.tensors import assert_equal_tensors

HEADER_BYTES = 40_000
"""More than names, shapes and design take; less than any layer's table."""


@pytest.fixture(scope="module", params=["track1", "track2"])
def codec(request):
    return filled_codec(load_design(request.param).design, seed=9)


def test_a_codec_comes_back_as_it_was(codec, tmp_path):
    path = tmp_path / "codec.safetensors"
    save_codec(codec, path)
    back = load_codec(path)
    assert back.design == codec.design
    assert (back.variant, back.training) == ("trained", False)
    assert_equal_tensors(back.state_dict(), codec.state_dict())
    assert weights_fingerprint(back) == weights_fingerprint(codec)
    assert [p.name for p in tmp_path.iterdir()] == ["codec.safetensors"]


def test_a_codec_in_training_is_folded_in_the_file_only(tmp_path):
    codec = build(load_design("track1").design)
    save_codec(codec, tmp_path / "codec")
    assert hasattr(codec.encoder.input, "parametrizations")
    back = load_codec(tmp_path / "codec")
    audio = audio_of(codec.design, 500).float()
    with torch.no_grad():
        assert torch.equal(back.encoder(audio), codec.encoder(audio))
    assert weights_fingerprint(back) == weights_fingerprint(codec)


def test_the_absorbed_files_are_as_large_as_the_audit_says(codec, tmp_path):
    ledger = walk(codec.design, "absorbed", 6)
    for half, side in zip(absorb(codec), ("transmit", "receive"), strict=True):
        path = tmp_path / side
        save_codec(half, path)
        size, stated = path.stat().st_size, memory(ledger, side).stored_bytes("float32")
        assert stated < size < stated + HEADER_BYTES
        back = load_codec(path, side)
        assert back.variant == f"absorbed-{side}"
        assert weights_fingerprint(back) == weights_fingerprint(codec)


def test_absorbed_files_code_what_the_trained_codec_codes(codec, tmp_path):
    halves = absorb(codec)
    save_codec(halves.transmit, tmp_path / "transmit")
    save_codec(halves.receive, tmp_path / "receive")
    audio = audio_of(codec.design, 5000).float()
    codes = load_codec(tmp_path / "transmit", "transmit").encode(audio)
    reference = Reference(codec)
    reference.check_codes(codes, codec.encode(audio), audio)
    decoded = load_codec(tmp_path / "receive", "receive").decode(codes)
    reference.check_audio(decoded, codes)
    receive = load_file(tmp_path / "receive")
    assert not any("project" in name or "search" in name for name in receive)


@settings(max_examples=10, derandomize=True, deadline=None)
@given(designs())
def test_any_design_s_codec_survives_its_file(tmp_path_factory, design):
    path = tmp_path_factory.mktemp("codecs") / "codec"
    codec = filled_codec(design, seed=9)
    for form in (codec, *absorb(codec)):
        save_codec(form, path)
        assert_equal_tensors(load_codec(path).state_dict(), form.state_dict())


@pytest.mark.parametrize(("variant", "side"), [("transmit", "receive"), ("receive", "transmit")])
def test_the_wrong_half_is_refused(tmp_path, variant, side):
    half = getattr(absorb(filled_codec(EVERYTHING, 9)), variant)
    save_codec(half, tmp_path / "half")
    with pytest.raises(InputError, match=f"absorbed-{variant}; allowed: one that can {side}"):
        load_codec(tmp_path / "half", side)


def saved_parts(tmp_path):
    path = tmp_path / "codec.safetensors"
    save_codec(filled_codec(EVERYTHING, 9), path)
    with safetensors.safe_open(path, framework="pt") as file:
        return path, file.metadata(), load_file(path)


def test_all_tensors_that_do_not_fit_are_reported_at_once(tmp_path):
    path, metadata, tensors = saved_parts(tmp_path)
    tensors["surplus"] = torch.zeros(1)
    del tensors["encoder.input.bias"]
    tensors["encoder.output.bias"] = torch.zeros(6)
    tensors["encoder.input.weight"] = tensors["encoder.input.weight"].half()
    tensors["decoder.input.bias"] = torch.full((4,), torch.inf)
    save_file(tensors, path, metadata)
    with pytest.raises(InputError) as error:
        load_codec(path)
    found = {p.field: p.given for p in error.value.problems}
    assert found == {
        "surplus": "a tensor",
        "encoder.input.bias": "nothing",
        "encoder.output.bias": "shape [6]",
        "encoder.input.weight": "F16",
        "decoder.input.bias": "values that are not finite",
    }


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", "other", "format: given 'other'; allowed: lrac-codec"),
        ("format", None, "format: given None; allowed: lrac-codec"),
        ("version", "2", "version: given '2'"),
        ("variant", "half", "variant: given 'half'; allowed: one of trained"),
        ("fingerprint", "xyz", "fingerprint: given 'xyz'"),
        ("design", "name: x", "lrac_audit_design"),
        ("design", "[", "valid YAML"),
    ],
)
def test_metadata_that_does_not_fit_is_named(tmp_path, key, value, message):
    path, metadata, tensors = saved_parts(tmp_path)
    metadata = {k: v for k, v in {**metadata, key: value}.items() if v is not None}
    save_file(tensors, path, metadata)
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        load_codec(path)


def test_a_file_of_another_design_s_size_costs_no_memory(tmp_path):
    """A design of a trillion values over a file of three."""
    encoder = replace(
        EVERYTHING.encoder, output=replace(EVERYTHING.encoder.output, channels=1 << 20)
    )
    decoder = replace(EVERYTHING.decoder, input=replace(EVERYTHING.decoder.input, channels=1 << 20))
    huge = replace(EVERYTHING, encoder=encoder, decoder=decoder)
    path, metadata, tensors = saved_parts(tmp_path)
    save_file(tensors, path, {**metadata, "design": write_design(huge)})
    with pytest.raises(InputError, match="1048576"):
        load_codec(path)


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"\xff" * 100, b"RIFF....WAVE"])
def test_what_is_no_safetensors_file_is_refused(tmp_path, content):
    path = tmp_path / "bad"
    path.write_bytes(content)
    with pytest.raises(InputError, match="allowed: a safetensors file"):
        load_codec(path)


def test_a_truncated_file_is_refused(tmp_path):
    path, _, _ = saved_parts(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=f"{path.name}: given .*; allowed: a safetensors file"):
        load_codec(path)


@pytest.mark.parametrize(
    ("name", "given"), [("", "a folder"), ("none", "a path that fails: No such file")]
)
def test_a_folder_and_no_file_are_refused(tmp_path, name, given):
    with pytest.raises(InputError, match=f"given {given}.*; allowed: a .*file"):
        load_codec(tmp_path / name)


def test_a_design_s_fingerprint_tells_what_it_computes_and_not_its_name():
    track1 = load_design("track1").design
    first = design_fingerprint(track1)
    assert len(first) == 16
    assert design_fingerprint(replace(track1, name="x", limits=None)) == first
    assert design_fingerprint(replace(track1, sample_rate_hz=16_000)) != first
    assert design_fingerprint(load_design("track2").design) != first


def test_a_codec_s_fingerprint_changes_with_any_value_that_it_codes_with():
    codec = filled_codec(EVERYTHING, 9)
    first = weights_fingerprint(codec)
    codec.quantizer.layers[0].search.cluster_size.add_(1)
    assert weights_fingerprint(codec) == first
    with torch.no_grad():
        codec.decoder.input.bias[0] += 1e-6
    assert weights_fingerprint(codec) != first


def test_an_untrained_codec_is_that_of_its_seed():
    small = replace(EVERYTHING, decoder=replace(EVERYTHING.decoder, lstm_layers=0))
    first, second, third = (build_untrained(small, seed) for seed in (0, 0, 1))
    assert weights_fingerprint(first) == weights_fingerprint(second)
    assert weights_fingerprint(first) != weights_fingerprint(third)
    inited = [layer.search.inited.item() for layer in first.quantizer.layers]
    assert inited == [1] * EVERYTHING.quantizer.layers
    assert not first.training
