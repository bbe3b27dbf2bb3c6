"""How many batches of 4 windows of 62,400 samples the loader gives per second.

Run with ``pytest tests/benchmarks/test_loader_speed.py``. A training step on two cores takes about
a second; the bounds keep the loader well ahead of it.
"""

import numpy as np
import pytest
import soundfile
import torch

from reference_models.data.augmentation import AugmentationParameters, Augmenter
from reference_models.data.dataset import WindowSource
from reference_models.data.manifest import Entry, Manifest
from reference_models.data.sampler import RunEstimate

UTTERANCES = 40
MEAN_S = 8.0
MIN_BATCHES_PER_S = {"clean": 20, "resampled": 10, "augmented": 5}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def noise_files(folder, lengths, rate):
    folder.mkdir()
    entries = []
    for i, length in enumerate(lengths):
        noise = 0.1 * np.random.default_rng(i).standard_normal(length)
        soundfile.write(folder / f"{i}.wav", noise, rate)
        entries.append(Entry(str(i), folder / f"{i}.wav", None, length / rate, rate))
    return Manifest("noise", tuple(entries))


def speech(folder, rate):
    seconds = np.random.default_rng(0).uniform(0.5 * MEAN_S, 1.5 * MEAN_S, UTTERANCES)
    return noise_files(folder, (seconds * rate).astype(int).tolist(), rate)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("kind", ["clean", "resampled", "augmented"])
def test_batches_per_second(benchmark, tmp_path, kind, workers):
    augment = None
    if kind == "augmented":
        noises = noise_files(tmp_path / "noise", [240_000] * 10, 24_000)
        rooms = noise_files(tmp_path / "rooms", [24_000] * 10, 24_000)
        augment = Augmenter(noises, rooms, AugmentationParameters(), seed=0)
    manifest = speech(tmp_path / "speech", 48_000 if kind == "resampled" else 24_000)
    source = WindowSource(
        manifest, batch_size=4, seed=0, training=True, augment=augment, workers=workers
    )
    batches = source.batches_in_epoch(0)
    found = benchmark.pedantic(lambda: sum(1 for _ in source.epoch(0)), rounds=5, warmup_rounds=1)
    assert found == batches > 20
    benchmark.extra_info["batches_per_s"] = batches / benchmark.stats.stats.median
    assert batches / benchmark.stats.stats.median > MIN_BATCHES_PER_S[kind]


def test_planning_an_epoch_of_the_whole_corpus(benchmark):
    """341,000 utterances, epoch 1,150: the batches of one rank of six."""
    lengths = np.random.default_rng(0).integers(70_000, 400_000, 341_000)
    plan = RunEstimate(lengths, 62_400, 31_200, 10_000, 64, 0, 0, 6, True)
    assert benchmark.pedantic(plan.batches, args=(1150,), rounds=5)
    assert benchmark.stats.stats.median < 5
