"""Stages of a run: an autoencoder, a quantizer that starts from principal directions, all modes."""

from collections import Counter
from dataclasses import replace

import pytest
import torch

from reference_models.nn.weights import load_codec
from reference_models.training.configuration_parts import Stage
from reference_models.training.models import build_models, drawn_layers, judges
from reference_models.training.run_description import read_description
from reference_models.training.validation import measured_modes, validate
from tests.reference_models.training.conftest import ALONE, DESIGN, SMALL, speech_batch
from tests.tensors import assert_equal_tensors

CHANGES = {
    "active_layers: [1, 2]": "active_layers: [1, 2, 2]\nfirst_stages:\n"
    "  - {steps: 11, active_layers: [0]}\n  - {steps: 3, active_layers: [2]}",
    "{adversarial: 1, feature_matching: 2, mel: 5, commitment: 10}": "{spectrum: 10}",
    "mel_windows:": "spectrum: {windows: [64], exponent: 0.3, complex_weight: 0.1}\nmel_windows:",
    "{dead_below: 2}": "{dead_below: 0.02, start: pca}",
    "{windows: [64, 128], channels: 2, normalise_first: false, precision: float32}": "null",
}


@pytest.fixture
def staged(configuration):
    """A configuration of three stages."""
    stages = Stage(steps=11, active_layers=(0,)), Stage(steps=3, active_layers=(2,))
    return replace(configuration, first_stages=stages, active_layers=(1, 2, 2))


def test_a_step_draws_from_the_layers_of_its_stage(staged):
    drawn = [drawn_layers(staged, step) for step in range(3014)]
    assert drawn[:14] == [0] * 11 + [2] * 3
    firsts = {drawn_layers(replace(staged, seed=seed), 14) for seed in range(40)}
    assert firsts == {2}  # the first of a stage trains all
    counts = Counter(drawn[15:])
    assert counts.keys() == {1, 2}
    # Binomial of 2,999 with a third: a standard deviation of 26.
    assert abs(counts[1] - 1000) < 4 * 26


@pytest.mark.parametrize(
    ("last", "layers", "expected"),
    [
        ((1, 2), (0,), [0]),  # nothing is quantised: the latent as it is
        ((1, 2), (2,), [1, 2]),  # the first layer of two is trained too
        ((1, 2), (1,), [1]),  # the second is not
        ((2,), (1,), [1]),
        ((1, 2, 2), (1, 2, 2), [1, 2]),
    ],
)
def test_validation_measures_the_modes_that_were_trained(configuration, last, layers, expected):
    stages = (Stage(steps=5, active_layers=layers),)
    staged = replace(configuration, first_stages=stages, active_layers=last)
    assert measured_modes(staged, 4) == expected
    assert measured_modes(staged, 5) == sorted(set(last))


def test_without_a_quantizer_the_latent_is_decoded_as_it_is(models):
    codec, batch = models.codec, speech_batch()
    made = codec(batch.input, 0)
    expected = codec.decoder(codec.encoder(batch.input))[:, :, : batch.input.shape[2]]
    assert torch.equal(made.audio, expected)
    assert made.codes.shape[0] == 0 and made.commitment == 0
    before = {n: p.clone() for n, p in codec.quantizer.state_dict().items()}
    models.stepper.step(batch, 0)
    assert_equal_tensors(codec.quantizer.state_dict(), before)


def test_an_autoencoder_is_validated_but_not_ranked(models, staged):
    found = validate(models.codec, models.mel, [speech_batch()], staged, ALONE, 10)
    assert list(found.mel) == ["continuous", "mean"] and not found.is_ranked
    assert found.codebooks == [] and found.latent.residual_shares == ()
    codebooks = [layer.search for layer in models.codec.quantizer.layers]
    assert not any(codebook.inited for codebook in codebooks)
    found = validate(models.codec, models.mel, [speech_batch()], staged, ALONE, 13)
    assert list(found.mel) == ["0.3 kbps", "0.6 kbps", "mean"] and found.is_ranked


def test_late_discriminators_judge_and_learn_from_their_step_on(configuration):
    sizes = replace(configuration.discriminators, start_step=2)
    late = replace(configuration, discriminators=sizes)
    assert [judges(late, step) for step in range(4)] == [False, False, True, True]
    assert judges(configuration, 0)
    assert not judges(replace(late, discriminators=None, loss_weights={"mel": 5}), 9)
    models = build_models(late, ALONE)
    before = {n: p.clone() for n, p in models.adversary.discriminators.named_parameters()}
    losses = models.stepper.step(speech_batch(), 2, judges=judges(late, 1))
    assert list(losses) == ["mel", "commitment"]
    assert_equal_tensors(dict(models.adversary.discriminators.named_parameters()), before)
    losses = models.stepper.step(speech_batch(), 2, judges=judges(late, 2))
    assert {"adversarial", "feature_matching", "discriminators"} < losses.keys()
    learned = dict(models.adversary.discriminators.named_parameters())
    assert [name for name, value in learned.items() if not torch.equal(value, before[name])]


def test_a_term_without_a_weight_is_not_computed(configuration):
    only = replace(configuration, loss_weights={"mel": 5}, discriminators=None)
    models = build_models(only, ALONE)
    assert models.adversary is None
    losses = models.stepper.step(speech_batch(), 2)
    assert list(losses) == ["mel", "commitment"]
    project_in = models.codec.quantizer.layers[0].project_in
    assert project_in.weight in models.codec_optimizer.state  # from the mel loss


@pytest.fixture(scope="module")
def folder(files, tmp_path_factory):
    """A folder with configurations of the same run, to its first epoch and to its end."""
    folder = tmp_path_factory.mktemp("staged")
    text = SMALL
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "design.yaml").write_text(DESIGN)
    (folder / "whole.yaml").write_text(text)
    (folder / "first.yaml").write_text(text.replace("epochs: 2", "epochs: 1"))
    return folder


@pytest.fixture
def resumed(folder, train, tmp_path):
    """A run that stopped in its first stage; the quantizer starts in the middle of epoch 2."""
    run = tmp_path / "resumed"
    first = train(run, "--configuration", folder / "first.yaml")
    assert first.code == 0
    assert "validation mel: continuous " in first.out and "best so far" not in first.out
    assert first.out.splitlines()[-2].startswith("no weights: no epoch came to ")
    assert read_description(run / "last.safetensors").curve == ()
    assert not (run / "best.safetensors").exists()
    second = train(run, "--configuration", folder / "whole.yaml", "--resume")
    assert second.code == 0
    assert "validation mel: 0.3 kbps" in second.out and "the best so far" in second.out
    return run


def test_only_epochs_of_the_last_modes_are_points_of_the_curve(resumed):
    assert [point.epoch for point in read_description(resumed / "last.safetensors").curve] == [2]
    codec = load_codec(resumed / "best.safetensors")
    assert all(layer.search.inited for layer in codec.quantizer.layers)


@pytest.mark.sweep  # it trains a third time
def test_a_run_of_stages_resumed_is_as_never_stopped(resumed, folder, train, tmp_path):
    whole = tmp_path / "whole"
    assert train(whole, "--configuration", folder / "whole.yaml").code == 0
    for name in ("last.safetensors", "best.safetensors"):
        assert (resumed / name).read_bytes() == (whole / name).read_bytes()
