"""From a checkpoint of the public recipe to the very bits and samples that it gives."""

import os

import numpy as np
import pytest
import soundfile
import torch

from tests.reference_models.nn.golden import state_dict, vectors


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "a checkpoint.pth"

    def write(track):
        torch.save(state_dict(vectors(track)), path)
        return path

    return write


@pytest.mark.parametrize("track", [1, 2])
def test_the_public_recipes_codes_and_audio(run, checkpoint, tmp_path, track):
    expected, weights = vectors(track), tmp_path / "w.safetensors"
    imported = run("import-espnet", checkpoint(track), weights, "--design", f"track{track}")
    assert (imported.code, imported.err) == (0, "")
    soundfile.write(tmp_path / "in.wav", expected["audio"], 24000, "FLOAT")
    for layers in (1, 6):
        coded, out = tmp_path / "a.lrac", tmp_path / "out.wav"
        arguments = ("--weights", weights, "--bitrate", layers)
        assert run("encode", tmp_path / "in.wav", coded, *arguments).code == 0
        frames = expected[f"codes_{layers}kbps"].T
        bits = "".join(f"{code:010b}" for code in frames.flatten())
        payload = coded.read_bytes()[44:]
        assert "".join(f"{byte:08b}" for byte in payload)[: len(bits)] == bits
        assert run("decode", coded, out, *arguments).code == 0
        decoded = soundfile.read(out)[0]
        steps = np.abs(decoded - expected[f"decoded_{layers}kbps"]) * 32768
        assert decoded.shape == (7200,) and steps.max() < 1.3  # half a step, 2e-5, and 1.0 clipped


def test_every_key_that_does_not_fit_is_named(run, checkpoint, tmp_path):
    result = run("import-espnet", checkpoint(1), tmp_path / "w", "--design", "track2")
    assert result.code == 2 and not (tmp_path / "w").exists()
    assert len(result.err.splitlines()) > 50
    assert "decoder.model.1.convtr.convtr.bias: given shape [64]; allowed: shape [96]" in result.err


class _Harmful:
    def __reduce__(self):
        return os.mkdir, ("harm",)


def test_a_pickle_that_would_run_code(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"encoder.model.0.weight": _Harmful()}, tmp_path / "a.pth")
    result = run("import-espnet", "a.pth", "w", "--design", "track1")
    assert result.code == 2 and result.err.startswith("error: a.pth: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pth"]
