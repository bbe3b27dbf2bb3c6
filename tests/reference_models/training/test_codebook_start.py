"""The start of a quantizer from principal directions, against numpy's singular vectors."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from reference_models.nn.quantizers.rvq import trained_layers
from reference_models.training.codebook_start import (
    START_FRAMES,
    needs_start,
    principal_directions,
    start_codebooks,
)
from reference_models.training.latent_use import LatentMeter
from reference_models.training.models import build_models
from tests.reference_models.training.conftest import ALONE, speech_batch


@pytest.fixture
def from_directions(configuration):
    return replace(configuration, codebooks=replace(configuration.codebooks, start="pca"))


def test_principal_directions_are_numpys():
    rows = np.random.default_rng(5).standard_normal((200, 6)) * [3, 1, 5, 0.5, 2, 0.1] + 7
    mean, directions = principal_directions(torch.tensor(rows), 3)
    _, _, expected = np.linalg.svd(rows - rows.mean(0))
    np.testing.assert_allclose(mean, rows.mean(0), rtol=1e-12)
    # Each up to its sign.
    np.testing.assert_allclose(np.abs(expected[:3] @ directions.numpy()), np.eye(3), atol=1e-9)


def started(configuration, batches):
    torch.manual_seed(1)
    models = build_models(configuration, ALONE)
    start_codebooks(models.codec, batches, ALONE)
    return models.codec


def test_a_layer_keeps_its_directions_and_the_mean_and_nothing_else(from_directions):
    batch = speech_batch(4)
    codec = started(from_directions, [batch])
    latent = codec.encoder(batch.input).detach()
    rows = latent.transpose(1, 2).flatten(0, 1).double().numpy()
    layer = trained_layers(codec.quantizer)[0]
    _, _, vectors = np.linalg.svd(rows - rows.mean(0))
    kept = vectors[:4].T @ vectors[:4]
    expected = (rows - rows.mean(0)) @ kept + rows.mean(0)
    with torch.no_grad():
        found = layer.project_out(layer.project_in(torch.tensor(rows).float()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(rows).max())


def test_every_layer_leaves_less(from_directions):
    """With random projections, the second layer of this untrained codec leaves more than all."""
    batch = speech_batch(4)

    def shares(codec):
        codec.eval()
        with torch.no_grad():
            latent = codec.encoder(batch.input)
            codec(batch.input, 2)  # starts codebooks that have not
            meter = LatentMeter(latent.shape[1], 2, torch.device("cpu"))
            meter.add(latent, codec.quantizer)
        return meter.use(ALONE).residual_shares

    first, second = shares(started(from_directions, [batch]))
    assert second < 0.8 * first < 0.8
    first, second = shares(build_models(from_directions, ALONE).codec)
    assert first > 1


def test_enough_batches_are_taken_and_no_more(from_directions):
    frames = 4800 // 240
    enough = -(-START_FRAMES // (100 * frames))
    taken = []

    def batches():
        for i in range(enough + 3):
            taken.append(i)
            batch = speech_batch(1, first=i)
            yield batch._replace(input=batch.input.expand(100, -1, -1))

    codec = build_models(from_directions, ALONE).codec
    assert needs_start(from_directions, codec)
    start_codebooks(codec, batches(), ALONE)
    assert len(taken) == enough
    assert not needs_start(from_directions, codec)


def test_only_as_configured(configuration, models):
    assert not needs_start(configuration, models.codec)
