"""A validation against one window at a time, and how codebooks are used against scipy."""

import numpy as np
import pytest
import torch
from scipy import stats

from reference_models.nn.quantizer import rows_of
from reference_models.training.models import build_models
from reference_models.training.validation import validate
from tests.reference_models.training.conftest import ALONE, FLOAT64_ERROR, speech_batch
from tests.tensors import assert_equal_tensors


@pytest.fixture
def trained(in_float64, configuration):
    models = build_models(configuration, ALONE)
    models.stepper.step(speech_batch(), 2)
    return models


pytestmark = pytest.mark.usefixtures("in_float64")


def batches():
    return [speech_batch(3), speech_batch(2, first=3)]


def coded(models, layers):
    """Every window by itself: what came out, its codes and its loss."""
    models.codec.eval()
    windows = torch.cat([batch.target for batch in batches()]).split(1)
    with torch.no_grad():
        made = [models.codec(window, layers) for window in windows]
        losses = [models.mel(m.audio, w).item() for m, w in zip(made, windows, strict=True)]
    models.codec.train()
    return [m.audio for m in made], torch.cat([m.codes for m in made], dim=1), losses


def test_every_window_counts_the_same_at_every_bitrate(trained, configuration):
    """Though the batches differ in size."""
    found = validate(trained.codec, trained.mel, batches(), configuration, ALONE, 0).mel
    expected = [np.mean(coded(trained, layers)[2]) for layers in (1, 2)]
    assert expected[0] != pytest.approx(expected[1], rel=1e-3)
    assert list(found) == ["0.3 kbps", "0.6 kbps", "mean"]
    assert list(found.values()) == pytest.approx([*expected, np.mean(expected)], rel=1e-9)


def test_how_codebooks_are_used(trained, configuration):
    found = validate(trained.codec, trained.mel, batches(), configuration, ALONE, 0).codebooks
    _, codes, _ = coded(trained, 2)
    assert len(found) == 2
    for use, layer in zip(found, codes, strict=True):
        _, counts = np.unique(layer.numpy(), return_counts=True)
        assert use.share == len(counts) / 8
        assert use.perplexity == pytest.approx(np.exp(stats.entropy(counts)), rel=1e-9)


def test_the_first_windows_are_kept_at_the_highest_bitrate(trained, configuration):
    samples = validate(trained.codec, trained.mel, batches(), configuration, ALONE, 0).samples
    assert [sample.name for sample in samples] == ["hum0", "hum1", "hum2", "hum3"]
    targets = torch.cat([batch.target for batch in batches()])
    outputs, _, _ = coded(trained, 2)
    for sample, target, output in zip(samples, targets, outputs, strict=False):
        assert torch.equal(sample.target, target[0])
        torch.testing.assert_close(sample.output, output[0, 0], rtol=0, atol=FLOAT64_ERROR)


def test_what_is_heard_is_coded_and_what_is_wanted_is_compared(trained, configuration):
    silent = [batch._replace(input=torch.zeros_like(batch.input)) for batch in batches()]
    heard, wanted = silent[0].input, silent[0].target
    found = validate(trained.codec, trained.mel, silent[:1], configuration, ALONE, 0).mel
    with torch.no_grad():
        trained.codec.eval()
        expected = trained.mel(trained.codec(heard, 2).audio, wanted).item()
    assert found["0.6 kbps"] == pytest.approx(expected, rel=1e-9)


def test_nothing_is_learned(trained, configuration):
    before = {name: value.clone() for name, value in trained.codec.state_dict().items()}
    validate(trained.codec, trained.mel, batches(), configuration, ALONE, 0)
    assert trained.codec.training
    assert_equal_tensors(trained.codec.state_dict(), before)


def test_how_the_latent_is_used(trained, configuration):
    """Covariance and entropy by other libraries, and the residual by the layers themselves."""
    found = validate(trained.codec, trained.mel, batches(), configuration, ALONE, 0).latent
    codec = trained.codec.eval()
    residuals = []
    with torch.no_grad():
        latents = [codec.encoder(batch.input) for batch in batches()]
        rows = residual = torch.cat([rows_of(latent) for latent in latents])
        for layer in codec.quantizer.layers:
            residual = residual - layer(residual).values
            residuals.append(residual.square().sum(1).mean().item())
    variances = np.linalg.eigvalsh(np.cov(rows.numpy().T, bias=True))
    assert found.width == 8 == len(variances)
    assert found.directions == pytest.approx(np.exp(stats.entropy(variances)), rel=1e-6)
    expected = np.array(residuals) / rows.var(0, correction=0).sum().item()
    assert found.residual_shares == pytest.approx(expected, rel=1e-9)
    assert len(expected) == 2 and expected[0] != pytest.approx(expected[1], rel=1e-3)
