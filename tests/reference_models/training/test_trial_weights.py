"""The trial's weights: of the baseline's design, and worth more bits, by the public PESQ."""

import shutil

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.weights import load_codec
from tests import synthetic_speech
from tests.conftest import ROOT

WEIGHTS = ROOT / "docs" / "weights" / "track1-trial.safetensors"


def test_they_are_of_the_baseline_and_small():
    codec = load_codec(WEIGHTS)
    assert codec.design == load_design("track1").design
    assert all(layer.search.inited for layer in codec.quantizer.layers)
    assert WEIGHTS.stat().st_size < 5e6


@pytest.mark.sweep
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_speech_that_they_did_not_learn_from_gains_by_bits(tmp_path):
    """Sentences of another seed; the page tells the means of more of them."""
    pesq = pytest.importorskip("pesq")
    soxr = pytest.importorskip("soxr")
    codec = load_codec(WEIGHTS)
    synthetic_speech.make(0.1, tmp_path, seed=5)
    scores = {1: [], 6: []}
    paths = sorted(tmp_path.rglob("*.wav"))
    assert paths
    for path in paths:
        speech, rate_hz = soundfile.read(path, dtype="float32")
        for layers, found in scores.items():
            codes = codec.encode(torch.tensor(speech)[None, None], layers)
            decoded = codec.decode(codes)[0, 0, : len(speech)].numpy()
            at_16_khz = [soxr.resample(x, rate_hz, 16_000) for x in (speech, decoded)]
            found.append(pesq.pesq(16_000, *at_16_khz, "wb"))
    assert np.mean(scores[6]) > 1.7
    assert np.mean(scores[6]) > np.mean(scores[1]) + 0.3
