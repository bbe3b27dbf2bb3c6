"""Windows against the files that they were cut from."""

import random
import weakref

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit.errors import InputError
from reference_models.data import utterance_loader
from reference_models.data.augmentation import AugmentationParameters, Augmenter
from reference_models.data.dataset import WindowSource
from reference_models.data.manifest import Manifest
from tests.reference_models.data.conftest import RATE, corpus, write_noise

OPTIONS = {"window_samples": 500, "batch_size": 4, "seed": 3, "training": True, "augment": None}


def source(manifest, **options):
    return WindowSource(manifest, **(OPTIONS | options))


@pytest.fixture
def augmenter(tmp_path):
    noises = corpus(tmp_path / "noise", [900, 20_000], seed=50)
    rirs = corpus(tmp_path / "rir", [300, 400], seed=60)
    return Augmenter(noises, rirs, AugmentationParameters(), seed=8)


def assert_same(found, expected):
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        assert one.ids == other.ids
        assert torch.equal(one.target, other.target) and torch.equal(one.input, other.input)


def test_windows_are_pieces_of_the_files(speech):
    files = {entry.uid: soundfile.read(entry.path, dtype="float32")[0] for entry in speech.entries}
    batches = list(source(speech).epoch(0))
    for batch in batches:
        assert batch.target.shape == (4, 1, 500) and batch.target.dtype == torch.float32
        assert batch.input is batch.target
        for window, name in zip(batch.target, batch.ids, strict=True):
            uid, start = name.split("@")
            expected = files[uid][int(start) : int(start) + 500]
            np.testing.assert_array_equal(window[0].numpy(), expected)
    names = [name for batch in batches for name in batch.ids]
    assert len(names) == len(set(names))


def test_the_defaults_are_the_recipe_s(tmp_path):
    manifest = corpus(tmp_path, [62_400 * 2, 62_401])
    made = WindowSource(manifest, batch_size=4, seed=0, training=False, augment=None)
    (batch,) = made.epoch(0)
    assert batch.target.shape == (4, 1, 62_400)
    assert batch.ids == ("u0@0", "u0@31200", "u0@62400", "u1@0")


@pytest.mark.parametrize("augmented", [False, True])
def test_processes_that_read_do_not_matter(speech, augmenter, augmented):
    options = {"augment": augmenter if augmented else None}
    alone = list(source(speech, **options).epoch(1))
    assert_same(list(source(speech, workers=2, **options).epoch(1)), alone)
    assert_same(list(source(speech, **options).epoch(1)), alone)


@pytest.mark.parametrize("augmented", [False, True])
def test_an_epoch_goes_on_where_it_was_left(speech, augmenter, augmented):
    options = {"augment": augmenter if augmented else None, "epoch_utterances": 8}
    whole = list(source(speech, **options).epoch(2))
    assert len(whole) == source(speech, **options).batches_in_epoch(2)
    for skip in range(len(whole)):
        assert_same(list(source(speech, **options).epoch(2, skip)), whole[skip:])
    assert list(source(speech, **options).epoch(2, len(whole))) == []


def test_only_what_is_still_to_come_is_read(speech, monkeypatch):
    read = []
    real = utterance_loader.read_mono
    monkeypatch.setattr(
        utterance_loader,
        "read_mono",
        lambda entry, rate: read.append(entry.uid) or real(entry, rate),
    )
    made = source(speech)
    last = made.batches_in_epoch(0) - 1
    (batch,) = made.epoch(0, last)
    assert sorted(read) == sorted({name.split("@")[0] for name in batch.ids})


def test_an_utterance_is_forgotten_after_its_last_window(speech, monkeypatch):
    """In order, a batch of four has windows of three utterances at most, each of three or more."""
    read, waiting = [], []
    real = utterance_loader.read_mono

    def noted(entry, rate):
        samples = real(entry, rate)
        read.append(weakref.ref(samples))
        return samples

    monkeypatch.setattr(utterance_loader, "read_mono", noted)
    for _ in source(speech, training=False).epoch(0):
        waiting.append(sum(one() is not None for one in read))
    assert len(read) == 12 and max(waiting) <= 3


@pytest.mark.parametrize("workers", [0, 1])
def test_the_random_numbers_of_training_are_left_alone(speech, augmenter, workers):
    """Or a run that goes on in the middle of an epoch would not be the one that was stopped."""
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].tolist()
    python_state = random.getstate()
    assert list(source(speech, augment=augmenter, workers=workers).epoch(0))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.random.get_state()[1].tolist() == numpy_state
    assert random.getstate() == python_state


def test_ranks_have_different_windows(speech):
    ranks = [source(speech, rank=rank, world_size=2) for rank in range(2)]
    names = [{name for batch in rank.epoch(0) for name in batch.ids} for rank in ranks]
    assert names[0] and not names[0] & names[1]


def test_other_rates_are_resampled(tmp_path):
    """1 kHz stays 1 kHz."""
    time_s = np.arange(4 * 48_000) / 48_000
    soundfile.write(tmp_path / "tone.wav", 0.5 * np.sin(2000 * np.pi * time_s), 48_000)
    entry = write_noise(tmp_path / "u.wav", 4 * 48_000, 48_000)._replace(path=tmp_path / "tone.wav")
    made = source(Manifest("tone", (entry,)), window_samples=RATE, batch_size=1, training=False)
    batches = list(made.epoch(0))
    assert len(batches) == 7  # of a second each, every half second, from four seconds
    expected = 0.5 * np.sin(2000 * np.pi * np.arange(RATE) / RATE)
    np.testing.assert_allclose(batches[2].target[0, 0].numpy(), expected, atol=1e-3)


def test_wrong_rate_with_resampling_off(tmp_path, speech):
    wrong = [write_noise(tmp_path / f"fast {i}.wav", 90_000, 48_000) for i in range(2)]
    manifest = Manifest("mixed", (*speech.entries, *wrong))
    with pytest.raises(InputError, match=r"(?s)fast 0, sample_rate_hz: given 48000.*fast 1.*24000"):
        source(manifest, resample=False)
    assert list(source(speech, resample=False).epoch(0))


def test_channels_are_averaged(tmp_path):
    entry = write_noise(tmp_path / "stereo.wav", 1200, channels=2)
    batches = list(source(Manifest("m", (entry,)), training=False, batch_size=1).epoch(0))
    both = soundfile.read(entry.path, dtype="float32")[0]
    expected = both.astype(np.float64).mean(axis=1)[:500]
    np.testing.assert_allclose(batches[0].target[0, 0].numpy(), expected, atol=1e-7)


def test_utterances_must_be_longer_than_a_window(tmp_path):
    manifest = corpus(tmp_path, [500, 501, 499])
    made = source(manifest, training=False)
    assert [batch.ids for batch in made.epoch(0)] == [("u1@0",)]
    assert made.too_short == 2
    with pytest.raises(InputError, match="3 utterances, none longer than a window"):
        source(manifest, window_samples=600)


def damage(manifest, uids):
    for entry in manifest.entries:
        if entry.uid in uids:
            entry.path.unlink()
    return uids


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_files_are_passed_over_and_counted(speech, workers):
    """One of them is the last, after which the first comes."""
    made = source(speech, max_skipped_share=0.2, workers=workers)
    before = list(made.epoch(0))
    gone = damage(speech, {"u3", "u11"})
    after = list(made.epoch(0))
    assert len(after) == len(before) == made.batches_in_epoch(0)
    for old, new in zip(before, after, strict=True):
        assert new.target.shape == (4, 1, 500)
        for i, name in enumerate(old.ids):
            if name.split("@")[0] in gone:
                assert new.ids[i].split("@")[0] not in gone
            else:
                assert new.ids[i] == name and torch.equal(new.target[i], old.target[i])
    assert made.skipped.reasons.keys() == gone and len(made.skipped) == 2
    assert "u3.wav: given a path that fails" in made.skipped.reasons["u3"]
    assert_same(list(made.epoch(0, 5)), after[5:])


def test_too_many_missing_files_are_refused(speech):
    damage(speech, {"u3", "u7", "u8"})
    with pytest.raises(InputError, match=r"(?s)3 files that cannot be used.*at most 2 of them.*u3"):
        list(source(speech, max_skipped_share=0.2).epoch(0))


def test_nothing_but_missing_files(speech):
    damage(speech, {entry.uid for entry in speech.entries})
    for workers in (0, 1):
        with pytest.raises(InputError, match="allowed: a file to read"):
            list(source(speech, max_skipped_share=1, workers=workers).epoch(0))


def test_a_file_that_is_not_the_one_that_was_listed(speech):
    write_noise(speech.entries[4].path, 777)
    made = source(speech, max_skipped_share=0.1)
    list(made.epoch(0))
    assert "given 777 samples" in made.skipped.reasons["u4"]


def test_augmentation_changes_the_input_and_keeps_the_place(speech, augmenter):
    files = {entry.uid: soundfile.read(entry.path, dtype="float32")[0] for entry in speech.entries}
    different = same = 0
    for batch in source(speech, augment=augmenter).epoch(0):
        assert batch.input.shape == batch.target.shape == (4, 1, 500)
        for i, name in enumerate(batch.ids):
            uid, start = name.split("@")
            clean = torch.from_numpy(files[uid][int(start) : int(start) + 500])
            same += torch.equal(batch.target[i, 0], clean)
            different += not torch.equal(batch.input[i], batch.target[i])
    assert same and different


def test_augmentation_changes_by_epoch_in_training_only(speech, augmenter):
    for training in (True, False):
        made = source(speech, augment=augmenter, training=training, batch_size=1)
        first, second = ({b.ids: b.input for b in made.epoch(n)} for n in (0, 1))
        common = first.keys() & second.keys()
        equal = [torch.equal(first[name], second[name]) for name in common]
        assert common and all(equal) != training


@pytest.mark.parametrize("workers", [0, 1])
def test_a_silent_room_ends_it(tmp_path, speech, augmenter, workers):
    path = tmp_path / "a silent room.wav"
    soundfile.write(path, np.zeros(300), RATE)
    rooms = Manifest("rooms", (write_noise(tmp_path / "r.wav", 300)._replace(path=path),))
    silent = Augmenter(augmenter._noises, rooms, AugmentationParameters(), seed=0)
    with pytest.raises(
        InputError, match=r"a silent room.wav: .*impulse response of zeros"
    ) as caught:
        list(source(speech, augment=silent, workers=workers).epoch(0))
    assert caught.value.source == str(path)  # and not the speech, which would be passed over
