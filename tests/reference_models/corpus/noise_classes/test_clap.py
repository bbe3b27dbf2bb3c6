"""Scores of CLAP are those of the package's pipeline; nothing is drawn, nothing unpickled."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch

from lrac_audit.errors import InputError
from reference_models.corpus.noise_classes.clap import load_classifier, spread_windows
from reference_models.corpus.noise_classes.ontology import NoiseClass, Ontology
from tests import tiny_clap
from tests.synthetic_noise import noise

WORDS = {"alarm": "a siren", "wind": "wind", "typing": "typing on a computer keyboard"}
ONE_PROMPT = Ontology(
    name="one prompt each",
    classes=tuple(NoiseClass(name=name, prompts=(text,)) for name, text in WORDS.items()),
)
RATE_HZ = tiny_clap.RATE_HZ


def sound(seconds: float, noise_class: str = "typing") -> np.ndarray:
    return noise(noise_class, 99, seconds, RATE_HZ).astype(np.float32)


def scores_of_pipeline(folder, samples) -> list[float]:
    from transformers import ClapModel, ClapProcessor, ZeroShotAudioClassificationPipeline

    processor = ClapProcessor.from_pretrained(folder)
    pipeline = ZeroShotAudioClassificationPipeline(
        model=ClapModel.from_pretrained(folder),
        feature_extractor=processor.feature_extractor,
        tokenizer=processor.tokenizer,
        device=torch.device("cpu"),
    )
    found = pipeline(samples, candidate_labels=list(WORDS.values()))
    by_label = {one["label"]: one["score"] for one in found}
    return [by_label[text] for text in WORDS.values()]


def test_scores_of_one_window_are_those_of_the_package_s_pipeline(clap):
    """A whole window, and a shorter one, which the extractor repeats."""
    classifier = load_classifier(str(clap), ONE_PROMPT)
    for seconds in (2, 0.7):
        samples = sound(seconds)
        expected = scores_of_pipeline(clap, samples)
        assert classifier.scores(samples) == pytest.approx(expected, rel=1e-4)
        assert max(expected) > 1.1 / 3  # so that something is compared


@pytest.mark.sweep
def test_scores_of_a_model_that_fuses_are_those_of_the_pipeline(tmp_path):
    folder = tiny_clap.save(tmp_path / "fused", fuses=True)
    classifier = load_classifier(str(folder), ONE_PROMPT)
    samples = sound(2)
    expected = scores_of_pipeline(folder, samples)
    assert classifier.scores(samples) == pytest.approx(expected, rel=1e-4)


def test_a_longer_file_has_the_mean_over_its_windows_and_nothing_is_drawn(clap):
    """5 s in windows of 2 s: from 0, 1.5 and 3 s."""
    classifier = load_classifier(str(clap), ONE_PROMPT)
    samples = np.concatenate([sound(3), sound(2, "alarm")])
    starts = [0, RATE_HZ * 3 // 2, RATE_HZ * 3]
    windows = [classifier.scores(samples[start : start + 2 * RATE_HZ]) for start in starts]
    np.random.seed(1)
    found = classifier.scores(samples)
    np.random.seed(2)
    assert classifier.scores(samples) == found
    assert found == pytest.approx(np.mean(windows, axis=0).tolist(), rel=1e-5)
    assert windows[0] != pytest.approx(windows[2], rel=0.1)


def test_windows_cover_a_file_evenly():
    samples = np.arange(100, dtype=np.float32)
    assert [len(one) for one in spread_windows(samples, 100)] == [100]
    assert [one[0] for one in spread_windows(samples, 40)] == [0, 30, 60]
    many = spread_windows(samples, 4)
    assert len(many) == 12 and many[0][0] == 0 and many[-1][-1] == 99
    assert set(np.diff([one[0] for one in many])) == {8, 9}  # 96 / 11 = 8.7


def test_several_prompts_count_by_their_mean_direction(clap):
    """Embeddings as the whole model gives them beside a sound, for one sentence at a time."""
    prompts = ("a siren", "an alarm clock")
    two = Ontology(
        name="two prompts",
        template="I hear {}!",
        classes=(
            NoiseClass(name="alarm", prompts=prompts),
            NoiseClass(name="wind", prompts=("wind",)),
        ),
    )
    from transformers import ClapModel, ClapProcessor

    model, processor = ClapModel.from_pretrained(clap), ClapProcessor.from_pretrained(clap)
    audio = processor.feature_extractor(sound(2), sampling_rate=RATE_HZ, return_tensors="pt")
    embeddings = []
    for prompt in prompts:
        text = processor.tokenizer([f"I hear {prompt}!"], return_tensors="pt")
        embeddings.append(model(**text, **audio.to(torch.float32)).text_embeds[0])
    mean = (embeddings[0] + embeddings[1]) / 2
    expected = (mean / mean.norm()).tolist()
    found = load_classifier(str(clap), two)
    assert found.embeddings[0].tolist() == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_the_fingerprint_is_of_weights_and_sentences(clap, tmp_path):
    first = load_classifier(str(clap), ONE_PROMPT).fingerprint
    assert load_classifier(str(clap), ONE_PROMPT).fingerprint == first
    other = Ontology(name="o", template="Hear {}.", classes=ONE_PROMPT.classes)
    assert load_classifier(str(clap), other).fingerprint != first
    from transformers import ClapModel

    shutil.copytree(clap, tmp_path / "other")
    model = ClapModel.from_pretrained(clap)
    with torch.no_grad():
        model.audio_projection.linear1.bias[0] += 1
    model.save_pretrained(tmp_path / "other")
    assert load_classifier(str(tmp_path / "other"), ONE_PROMPT).fingerprint != first


def test_what_is_no_whole_model_in_safetensors_is_one_message(clap, tmp_path):
    from safetensors.torch import load_file, save_file

    pickled = shutil.copytree(clap, tmp_path / "pickled")
    weights = load_file(pickled / "model.safetensors")
    (pickled / "model.safetensors").unlink()
    torch.save(weights, pickled / "pytorch_model.bin")
    short = shutil.copytree(clap, tmp_path / "short")
    del weights["text_projection.linear1.weight"]
    save_file(weights, short / "model.safetensors", {"format": "pt"})
    damaged = shutil.copytree(clap, tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"\x08" + 20 * b"\0")
    empty = tmp_path / "empty"
    empty.mkdir()
    reasons = {
        pickled: "no file named model.safetensors",
        short: "1 weights are missing, such as text_projection.linear1.weight",
        damaged: "cannot be loaded",
        empty: "cannot be loaded",
        tmp_path / "nowhere": "cannot be loaded",
    }
    for folder, reason in reasons.items():
        with pytest.raises(InputError, match=f"{folder.name}: given a model that .*{reason}"):
            load_classifier(str(folder), ONE_PROMPT)
