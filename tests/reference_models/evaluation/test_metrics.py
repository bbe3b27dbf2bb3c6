"""Measures: PESQ against its standard, the others against what their packages document."""

import sys
import types

import numpy as np
import pytest
import torch

from lrac_audit.errors import InputError
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.metrics import LOADERS, NoScoreError, load_metrics


def talk(seconds=3.0):
    """A harmonic tone that comes and goes, as syllables do."""
    time_s = np.arange(int(16_000 * seconds)) / 16_000
    tones = sum(np.sin(2 * np.pi * 150 * k * time_s) / k for k in range(1, 30))
    return (0.1 * tones * np.clip(np.sin(2 * np.pi * 3 * time_s), 0, 1)).astype(np.float32)


def test_columns_and_loaders_are_the_same():
    assert list(COLUMNS) == list(LOADERS)


def test_pesq_of_a_signal_with_itself_is_the_best_there_is():
    """P.862.2 maps the raw score 4.5 to 0.999 + 4 / (1 + exp(-1.3669 * 4.5 + 3.8224))."""
    score = load_metrics(["pesq"])["pesq"]
    best = 0.999 + 4 / (1 + np.exp(-1.3669 * 4.5 + 3.8224))
    assert score(talk(), talk()) == pytest.approx(best, abs=1e-3)


def test_pesq_falls_with_noise():
    score = load_metrics(["pesq"])["pesq"]
    noise = np.random.default_rng(0).standard_normal(len(talk())).astype(np.float32)
    scores = [score(talk() + level * noise, talk()) for level in (0, 0.001, 0.01, 0.1)]
    assert scores == sorted(scores, reverse=True) and scores[0] - scores[-1] > 2


@pytest.mark.parametrize("reference", [np.zeros(32_000, np.float32), talk(0.1)])
def test_pesq_says_when_it_does_not_apply(reference):
    score = load_metrics(["pesq"])["pesq"]
    with pytest.raises(NoScoreError, match=r"(?i)utterances|at least 1/4 of a second"):
        score(talk(len(reference) / 16_000), reference)


def test_scoreq_is_asked_with_files_as_its_package_documents(monkeypatch):
    asked = {}

    class Scoreq:
        def __init__(self, data_domain, mode):
            asked.update(data_domain=data_domain, mode=mode)

        def predict(self, test_path, ref_path):
            import soundfile

            asked["files"] = [soundfile.read(path) for path in (test_path, ref_path)]
            return 0.25

    monkeypatch.setitem(sys.modules, "scoreq", types.SimpleNamespace(Scoreq=Scoreq))
    assert load_metrics(["scoreq_ref"])["scoreq_ref"](talk(), 0.5 * talk()) == 0.25
    assert (asked["data_domain"], asked["mode"]) == ("natural", "ref")
    for (samples, rate), scale in zip(asked["files"], (1, 0.5), strict=True):
        assert rate == 16_000
        np.testing.assert_array_equal(samples, scale * talk())


def test_audiobox_is_asked_as_its_package_documents(monkeypatch):
    class Predictor:
        def forward(self, batch):
            (item,) = batch
            assert item["sample_rate"] == 16_000 and item["path"].shape == (1, 48_000)
            return [{"CE": 5.5, "CU": 1.0, "PC": 2.0, "PQ": 3.0}]

    infer = types.SimpleNamespace(initialize_predictor=Predictor)
    monkeypatch.setitem(sys.modules, "audiobox_aesthetics", types.SimpleNamespace(infer=infer))
    monkeypatch.setitem(sys.modules, "audiobox_aesthetics.infer", infer)
    assert load_metrics(["audiobox_ce"])["audiobox_ce"](talk(), talk()) == 5.5


class Hub:
    """``torch.hub.load`` without a net."""

    def __init__(self, monkeypatch, model):
        self.asked = []
        for package in ("torchaudio", "s3prl"):
            monkeypatch.setitem(sys.modules, package, types.ModuleType(package))

        def load(repository, name, trust_repo):
            self.asked.append((repository, name))
            return model

        monkeypatch.setattr(torch.hub, "load", load)


def test_utmos_is_asked_as_its_package_documents(monkeypatch):
    def model(wave, rate):
        assert wave.shape == (1, 48_000) and rate == 16_000
        return torch.tensor([3.5])

    hub = Hub(monkeypatch, model)
    assert load_metrics(["utmos"])["utmos"](talk(), talk()) == 3.5
    assert hub.asked == [("tarepan/SpeechMOS:v1.2.0", "utmos22_strong")]


def test_sheet_is_asked_as_its_package_documents(monkeypatch):
    class Predictor:
        def predict(self, wav):
            assert wav.shape == (48_000,) and wav.dtype == torch.float32
            return np.float32(4.25)

    hub = Hub(monkeypatch, Predictor())
    assert load_metrics(["sheet_ssqa"])["sheet_ssqa"](talk(), talk()) == 4.25
    assert hub.asked == [("unilight/sheet:v0.1.0", "default")]


def test_all_that_is_missing_is_named(monkeypatch):
    for package in ("scoreq", "audiobox_aesthetics", "torchaudio", "pesq"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError) as caught:
        load_metrics(list(COLUMNS))
    message = str(caught.value)
    assert len(caught.value.problems) == 5
    for name, column in COLUMNS.items():
        assert f"metrics: {name}: given a package that is not there" in message
        assert f"`{column.install}`" in message


def test_a_package_that_is_broken_is_named(monkeypatch, tmp_path):
    (tmp_path / "torchaudio.py").write_text("raise RuntimeError('built for another torch')")
    monkeypatch.delitem(sys.modules, "torchaudio", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    message = "utmos: given the package 'torchaudio', which cannot be imported .*another torch"
    with pytest.raises(InputError, match=message):
        load_metrics(["utmos"])


def test_weights_that_cannot_be_had(monkeypatch):
    Hub(monkeypatch, None)

    def load(*_, **__):
        raise OSError("no route\nto host")

    monkeypatch.setattr(torch.hub, "load", load)
    with pytest.raises(InputError, match=r"utmos: given weights .*\(no route\); allowed: a conn"):
        load_metrics(["utmos"])
