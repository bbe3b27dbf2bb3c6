"""The windows that follow from what a user asks for: which files, cut how."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from reference_models.data.augmentation import AugmentationParameters
from reference_models.training.request import open_sources
from reference_models.training.run_data import ManifestPaths, load_manifests
from tests.reference_models.training.conftest import ALONE, RATE

HEADER = "uid,path,speaker,duration_s,sample_rate_hz\n"


def listed(folder, name, samples):
    """A manifest of one file of ``samples``."""
    soundfile.write(folder / f"{name}.wav", np.asarray(samples, np.float32), RATE, "FLOAT")
    path = folder / f"{name}.csv"
    path.write_text(f"{HEADER}{name},{name}.wav,,{len(samples) / RATE},{RATE}\n")
    return path


def speech(folder, uid):
    return soundfile.read(folder / f"{uid}.wav")[0]


@pytest.fixture
def paths(files):
    return ManifestPaths(train=files / "train.csv", validation=files / "valid.csv")


def test_windows_are_cut_as_configured(files, paths, configuration):
    """0.5 s of validation: 2,400 samples every 840, of which 12 fit; batches of 3."""
    configuration = replace(configuration, window_samples=2400, hop_fraction=0.35, batch_size=3)
    sources = open_sources(load_manifests(paths, configuration), configuration, ALONE, 0)
    batches = list(sources.validation.epoch(0))
    names = [name for batch in batches for name in batch.ids]
    assert names == [f"valid{i}@{840 * n}" for i in range(2) for n in range(12)]
    assert batches[0].target.shape == (3, 1, 2400)
    (first, *_) = sources.training.epoch(0)
    assert first.target.shape == (3, 1, 2400)
    assert all(name.startswith("train") for name in first.ids)
    assert any(int(name.split("@")[1]) % 840 for name in first.ids)


def test_training_and_validation_have_noise_and_rooms_of_their_own(
    files, paths, configuration, tmp_path
):
    """Noise: constant or alternating. Rooms: no delay or one of 10 samples."""
    ones = np.full(30_000, 0.1)
    paths = replace(
        paths,
        noises=listed(tmp_path, "constant", ones),
        validation_noises=listed(tmp_path, "alternating", ones * (-1) ** np.arange(30_000)),
        rirs=listed(tmp_path, "here", [1, 0, 0]),
        validation_rirs=listed(tmp_path, "later", [0] * 10 + [1, 0]),
    )
    always = AugmentationParameters(reverb_probability=1, noise_probability=1)
    configuration = replace(configuration, augmentation=always)
    sources = open_sources(load_manifests(paths, configuration), configuration, ALONE, 0)
    for source, delay, sign in ((sources.training, 0, 1), (sources.validation, 10, -1)):
        batches = list(source.epoch(0))
        assert batches
        for batch in batches:
            for target, given, name in zip(batch.target, batch.input, batch.ids, strict=True):
                noise = (given - target)[0].numpy()
                assert np.abs(noise).max() > 1e-4
                np.testing.assert_allclose(noise[1:], sign * noise[:-1], atol=1e-6)
                uid, start = name.split("@")
                dry = np.pad(speech(files, uid), (delay, 0))[int(start) :][: target.shape[-1]]
                assert np.corrcoef(dry, target[0])[0, 1] > 0.99999
