"""How long the loader takes for a batch of 4 windows of 62,400 samples, and what it does with it.

Run with ``pytest tests/benchmarks/test_loader_speed.py -s``. Reading the same files whole, with no
window cut or resampled, is the reference; ``test_training_speed`` compares with a training step.
"""

import numpy as np
import pytest
import soundfile

from reference_models.data.augmentation import AugmentationParameters, Augmenter
from reference_models.data.dataset import WindowSource
from reference_models.data.manifest import Entry, Manifest
from reference_models.data.sampler import EpochSampler
from tests.benchmarks.timing import ratio_of, work

UTTERANCES = 40
MEAN_S = 8.0
MIN_BATCHES_PER_S = {"clean": 20, "resampled": 10, "augmented": 5}
MOST_READINGS = {"clean": 5, "resampled": 6.5, "augmented": 35}
MOST_PERMUTATIONS = 75


pytestmark = pytest.mark.usefixtures("one_thread")


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


def windows(folder, kind, workers=0):
    """The batches of one epoch, clean, resampled or augmented."""
    augment = None
    if kind == "augmented":
        noises = noise_files(folder / "noise", [240_000] * 10, 24_000)
        rooms = noise_files(folder / "rooms", [24_000] * 10, 24_000)
        augment = Augmenter(noises, rooms, AugmentationParameters(), seed=0)
    manifest = speech(folder / "speech", 48_000 if kind == "resampled" else 24_000)
    return WindowSource(
        manifest, batch_size=4, seed=0, training=True, augment=augment, workers=workers
    )


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("kind", MIN_BATCHES_PER_S)
def test_batches_per_second(benchmark, tmp_path, kind, workers):
    source = windows(tmp_path, kind, workers)
    batches = source.batches_in_epoch(0)
    found = benchmark.pedantic(lambda: sum(1 for _ in source.epoch(0)), rounds=5, warmup_rounds=1)
    assert found == batches > 20
    benchmark.extra_info["batches_per_s"] = batches / benchmark.stats.stats.median
    assert batches / benchmark.stats.stats.median > MIN_BATCHES_PER_S[kind]


@pytest.mark.parametrize("kind", MOST_READINGS)
def test_an_epoch_beside_reading_its_files(tmp_path, kind):
    source = windows(tmp_path, kind)
    files = sorted((tmp_path / "speech").iterdir())
    assert len(files) == UTTERANCES

    def read():
        for file in files:
            soundfile.read(file, dtype="float32")

    epoch = work(lambda: list(source.epoch(0)))
    assert ratio_of(epoch, work(read)) < MOST_READINGS[kind]


def test_sampling_an_epoch_of_the_whole_corpus():
    """341,000 utterances, epoch 1,150: the batches of one rank of six."""
    lengths = np.random.default_rng(0).integers(70_000, 400_000, 341_000)
    sampler = EpochSampler(lengths, 62_400, 31_200, 10_000, 64, 0, 0, 6, True)
    assert sampler.batches(1150)
    shuffle = work(np.random.default_rng(0).permutation, len(lengths), times=10)
    assert ratio_of(work(sampler.batches, 1150), shuffle) < MOST_PERMUTATIONS
