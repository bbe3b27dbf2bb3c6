"""A minute of noise and one of speech through the engines, beside the PyTorch models.

Run with ``pytest tests/benchmarks/test_minutes.py -s``: the codes that differ are printed.
"""

import shutil

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.streaming.engine_registry import load_engine
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import Reference
from tests.synthetic_speech import make

HOP, RATE, SECONDS = 240, 24_000, 60
FRAMES = SECONDS * RATE // HOP
LARGEST_DIFFERENCE = 1e-5

pytestmark = pytest.mark.usefixtures("one_thread")


def noise(_):
    values = np.random.default_rng(1).standard_normal((1, SECONDS * RATE))
    return (0.3 * values).astype(np.float32)


def speech(folder):
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    make(2, folder)
    files = sorted(folder.rglob("*.wav"))
    audio = np.concatenate([soundfile.read(file, dtype="float32")[0] for file in files])
    return audio[np.newaxis, : SECONDS * RATE]


@pytest.mark.parametrize("made_by", [noise, speech])
@pytest.mark.parametrize("track", ["track1", "track2"])
@pytest.mark.parametrize("name", ["c", "onnx"])
def test_a_minute(name, track, made_by, tmp_path):
    """Codes differ only where the two best distances are within rounding."""
    codec, audio = filled_codec(load_design(track).design, seed=1), made_by(tmp_path)
    if name == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("onnx")
    halves, engine = absorb(codec), load_engine(name)
    transmit = engine.transmit(halves.transmit, 1)()
    receive = engine.receive(halves.receive, 1)()
    pieces = [transmit.frame(frame, 6) for frame in np.split(audio, FRAMES, 1)]
    codes = torch.tensor(np.concatenate([*pieces, transmit.flush(6)], 1))[:, None]
    expected = codec.encode(torch.tensor(audio)[None])
    Reference(codec).check_codes(codes, expected, torch.tensor(audio)[None])
    sent = expected[:, 0].numpy()
    heard = [receive.frame(sent[:, frame : frame + 1]) for frame in range(FRAMES)]
    decoded = codec.decode(expected)[0].numpy()
    difference = np.abs(np.concatenate([*heard, receive.flush()], 1) - decoded).max()
    different = int((codes != expected).sum())
    print(f"\n{different} of {codes.numel()} codes differ, audio by {difference:.2g}")  # noqa: T201
    assert difference <= LARGEST_DIFFERENCE
