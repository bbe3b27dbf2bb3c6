"""Measures: PESQ against its standard, the others against stand-ins of their packages.

The stand-ins have the parameters that the packages publish; where a package is installed, or where
``torch.hub`` has fetched it, a test compares them with its source.
"""

import ast
import importlib.util
import inspect
import sys
import types
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit.errors import InputError
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.metrics import LOADERS, NoScoreError, load_metrics

HUB_MODELS = {
    "utmos": ("tarepan/SpeechMOS:v1.2.0", "utmos22_strong"),
    "sheet_ssqa": ("unilight/sheet:v0.1.0", "default"),
}
"""Measure to repository and model, as their authors' pages tell to load them."""


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


def test_intelligibility_falls_with_noise():
    scores = load_metrics(["stoi", "estoi"])
    noise = np.random.default_rng(0).standard_normal(len(talk())).astype(np.float32)
    for score in scores.values():
        found = [score(talk() + level * noise, talk()) for level in (0, 0.01, 0.1, 1)]
        assert found[0] == pytest.approx(1) and found == sorted(found, reverse=True)
        assert found[-1] < 0.5


@pytest.mark.parametrize("name", ["stoi", "estoi"])
def test_intelligibility_does_not_apply_to_silence_or_to_a_moment(name):
    score = load_metrics([name])[name]
    for decoded, reference in ((talk(), 0 * talk()), (0 * talk(), talk())):
        with pytest.raises(NoScoreError, match="speech is silent"):
            score(decoded, reference)
    with pytest.raises(NoScoreError, match="Not enough STFT frames"):
        score(talk(0.1), talk(0.1))


@pytest.mark.sweep  # the package takes seconds to import
@pytest.mark.parametrize("gain", [1, 0.5])
def test_si_sdr_of_orthogonal_noise_is_the_ratio_of_energies(gain):
    """Noise that is orthogonal to the reference is all that its projection leaves over."""
    score = load_metrics(["si_sdr"])["si_sdr"]
    time_s = np.arange(16_000) / 16_000
    speech, noise = (np.sin(2 * np.pi * f * time_s).astype(np.float32) for f in (100, 200))
    # 20 log10(1 / 0.1) dB, at any gain
    assert score(gain * (speech + 0.1 * noise), speech) == pytest.approx(20, abs=1e-3)
    with pytest.raises(NoScoreError, match="the reference speech is silent"):
        score(speech, 0 * speech)


class Scoreq:
    """Stands in for ``scoreq.Scoreq`` without its weights; remembers what it is asked."""

    asked: ClassVar[dict[str, object]] = {}

    def __init__(self, data_domain, mode):
        self.asked.update(data_domain=data_domain, mode=mode)

    def predict(self, test_path, ref_path):
        self.asked["files"] = [soundfile.read(path) for path in (test_path, ref_path)]
        return 0.25


class AesPredictor:
    """Stands in for ``audiobox_aesthetics.infer.AesPredictor`` without its weights."""

    def forward(self, batch):
        (item,) = batch
        assert item["sample_rate"] == 16_000 and item["path"].shape == (1, 48_000)
        return [{"CE": 5.5, "CU": 1.0, "PC": 2.0, "PQ": 3.0}]


class UTMOS22Strong:
    """Stands in for the model of SpeechMOS without its weights."""

    def forward(self, wave, sr):
        assert wave.shape == (1, 48_000) and sr == 16_000
        return torch.tensor([3.5])

    __call__ = forward


class Predictor:
    """Stands in for the predictor of SHEET without its weights."""

    def predict(self, wav):
        assert wav.shape == (48_000,) and wav.dtype == torch.float32
        return np.float32(4.25)


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


def package_source(package, file):
    """A file of an installed package, parsed and not run: running it asks for much more."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        pytest.skip(f"the package {package} is not installed")
    return ast.parse((Path(spec.submodule_search_locations[0]) / file).read_text("utf-8"))


def hub_source(repository, file):
    """A file of a repository that ``torch.hub`` has fetched before, parsed and not run."""
    folder = Path(torch.hub.get_dir()) / repository.replace("/", "_").replace(":", "_")
    if not folder.is_dir():
        pytest.skip(f"torch.hub has not fetched {repository} on this machine")
    return ast.parse((folder / file).read_text("utf-8"))


def definition(tree, name):
    """The only function or class called ``name`` in ``tree``."""
    kinds = ast.FunctionDef, ast.ClassDef
    (found,) = [n for n in ast.walk(tree) if isinstance(n, kinds) and n.name == name]
    return found


def check_parameters(published, stand_in):
    """The stand-in's parameters are the first ones published, or are published by their names.

    What is published beyond them has a default, so that it may be left out.
    """
    arguments = published.args
    names = [argument.arg for argument in arguments.args]
    wanted = list(inspect.signature(stand_in).parameters)
    assert len(wanted) > 1  # itself, and something that is asked
    assert set(wanted) <= set(names)
    needed = names[: len(names) - len(arguments.defaults)]
    assert set(needed) <= set(wanted)


def test_the_stand_in_of_scoreq_is_asked_like_the_package():
    real = definition(package_source("scoreq", "scoreq.py"), "Scoreq")
    check_parameters(definition(real, "__init__"), Scoreq.__init__)
    check_parameters(definition(real, "predict"), Scoreq.predict)
    words = {node.value for node in ast.walk(real) if isinstance(node, ast.Constant)}
    assert {"natural", "ref"} <= words


def test_the_stand_in_of_audiobox_is_asked_like_the_package():
    source = package_source("audiobox_aesthetics", "infer.py")
    assert len(definition(source, "initialize_predictor").args.defaults) == 1
    real = definition(source, "AesPredictor")
    check_parameters(definition(real, "forward"), AesPredictor.forward)
    text = ast.unparse(source)
    assert "AXES_NAME = ['CE', 'CU', 'PC', 'PQ']" in text
    assert "item['sample_rate']" in text and "data_col: str = 'path'" in text


def test_the_stand_in_of_utmos_is_asked_like_the_repository():
    repository, name = HUB_MODELS["utmos"]
    assert len(definition(hub_source(repository, "hubconf.py"), name).args.defaults) >= 1
    real = definition(hub_source(repository, "speechmos/utmos22/strong/model.py"), "UTMOS22Strong")
    check_parameters(definition(real, "forward"), UTMOS22Strong.forward)


def test_the_stand_in_of_sheet_is_asked_like_the_repository():
    repository, name = HUB_MODELS["sheet_ssqa"]
    source = hub_source(repository, "hubconf.py")
    assert len(definition(source, name).args.defaults) == len(definition(source, name).args.args)
    check_parameters(definition(definition(source, "Predictor"), "predict"), Predictor.predict)


def test_scoreq_is_given_both_signals_as_files(monkeypatch):
    monkeypatch.setattr(Scoreq, "asked", {})
    monkeypatch.setitem(sys.modules, "scoreq", types.SimpleNamespace(Scoreq=Scoreq))
    assert load_metrics(["scoreq_ref"])["scoreq_ref"](talk(), 0.5 * talk()) == 0.25
    assert (Scoreq.asked["data_domain"], Scoreq.asked["mode"]) == ("natural", "ref")
    for (samples, rate), scale in zip(Scoreq.asked["files"], (1, 0.5), strict=True):
        assert rate == 16_000
        np.testing.assert_array_equal(samples, scale * talk())


def test_content_enjoyment_is_taken_from_what_audiobox_gives(monkeypatch):
    infer = types.SimpleNamespace(initialize_predictor=AesPredictor)
    monkeypatch.setitem(sys.modules, "audiobox_aesthetics", types.SimpleNamespace(infer=infer))
    monkeypatch.setitem(sys.modules, "audiobox_aesthetics.infer", infer)
    assert load_metrics(["audiobox_ce"])["audiobox_ce"](talk(), talk()) == 5.5


def test_utmos_is_given_a_batch_of_one_and_its_rate(monkeypatch):
    hub = Hub(monkeypatch, UTMOS22Strong())
    assert load_metrics(["utmos"])["utmos"](talk(), talk()) == 3.5
    assert hub.asked == [HUB_MODELS["utmos"]]


def test_sheet_is_given_a_signal_without_a_batch(monkeypatch):
    hub = Hub(monkeypatch, Predictor())
    assert load_metrics(["sheet_ssqa"])["sheet_ssqa"](talk(), talk()) == 4.25
    assert hub.asked == [HUB_MODELS["sheet_ssqa"]]


def test_all_that_is_missing_is_named(monkeypatch):
    for package in (
        "scoreq",
        "audiobox_aesthetics",
        "torchaudio",
        "pesq",
        "pystoi",
        "torchmetrics",
    ):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError) as caught:
        load_metrics(list(COLUMNS))
    message = str(caught.value)
    assert len(caught.value.problems) == 8
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
