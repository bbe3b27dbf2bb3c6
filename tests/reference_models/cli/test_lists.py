"""Every command on a design of lists of layers."""

from __future__ import annotations

import json

import pytest
import soundfile
import torch

from lrac_audit.design.formats import load_design
from reference_models.cli.main import main
from reference_models.nn.weights import load_codec
from tests.lrac_audit.list_design import write_lists


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    design, weights = write_lists(folder), folder / "lists.safetensors"
    assert main(["init", "--design", str(design), str(weights)]) == 0
    return design, weights


def test_it_encodes_decodes_and_is_absorbed(lists, run, speech, tmp_path):
    _, weights = lists
    coded, decoded = tmp_path / "x.lrac", tmp_path / "x.wav"
    assert run("encode", speech, coded, "--weights", weights).code == 0
    assert run("decode", coded, decoded, "--weights", weights).code == 0
    assert soundfile.info(decoded).frames == soundfile.info(speech).frames
    assert run("absorb", weights, tmp_path / "halves").code == 0
    receive, again = tmp_path / "halves.receive.safetensors", tmp_path / "again.wav"
    assert run("decode", coded, again, "--weights", receive).code == 0
    first, second = (torch.from_numpy(soundfile.read(path)[0]) for path in (decoded, again))
    assert first.abs().max() > 0
    assert torch.allclose(first, second, rtol=0, atol=2 / 32768)


SPECTRAL = """
lrac_audit_design: 1
name: spectral
sample_rate_hz: 24000
encoder: {layers: [stft: {window: 720, hop: 240}, linear: {channels: 8}]}
quantizer: {layers: 1, codebook_size: 4, codebook_dim: 2}
decoder: {layers: [linear: {channels: 240}, imdct: {hop: 240}]}
"""


def test_tables_that_a_file_does_not_hold_are_named(run, tmp_path):
    """Of float32: a window of 720 values; one of 480 and factors of 240."""
    design, weights = tmp_path / "spectral.yaml", tmp_path / "w.safetensors"
    design.write_text(SPECTRAL)
    assert run("init", "--design", design, weights).code == 0
    note = run("absorb", weights, tmp_path / "halves").out.splitlines()[-1]
    assert note.endswith(
        "transmit, with 2,880 of windows and factors of transforms; "
        "receive, with 2,880 of windows and factors of transforms"
    )


def test_it_streams_at_the_audited_delay(lists, run, speech):
    _, weights = lists
    done = run("stream", "--simulate", speech, "--weights", weights, "--format", "json")
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out)
    # a hop of 240 and 2 samples ahead; and 10 steps of 12 samples trimmed in the decoder
    assert document["delay"]["first_codes_samples"] == 240 + 2
    assert document["delay"]["worst_samples"] == document["analytic_delay_samples"] == 362


def test_the_weights_hold_their_design(lists):
    design, weights = lists
    assert load_codec(weights).design == load_design(design).design


def test_a_checkpoint_of_the_recipe_is_refused_with_one_message(lists, run, tmp_path):
    design, _ = lists
    checkpoint, out = tmp_path / "recipe.pth", tmp_path / "out.safetensors"
    torch.save({"encoder.model.0.weight": torch.zeros(3)}, checkpoint)
    done = run("import-espnet", checkpoint, out, "--design", design)
    assert (done.code, out.exists(), done.err.count("given")) == (2, False, 1)
    assert "encoder: given a LayerList, which has no place in the recipe's model" in done.err
