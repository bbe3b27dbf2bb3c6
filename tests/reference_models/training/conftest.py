"""A codec and speech so small that a whole run takes no time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from reference_models.cli.main import main
from reference_models.data.batch import Batch
from reference_models.training.configuration import Configuration
from reference_models.training.configuration_file import load_configuration
from reference_models.training.distributed import ProcessGroup
from reference_models.training.models import Models, build_models
from tests.reference_models.cli.conftest import _no_hang, _one_thread, run

__all__ = ["_no_hang", "_one_thread", "run"]

RATE = 24_000
ALONE = ProcessGroup(0, 1, torch.device("cpu"))

SMALL = """
lrac_training: 1
name: small
design: design.yaml
seed: 3
epochs: 2
epoch_utterances: 3
batch_size: 2
window_samples: 4800
hop_fraction: 0.5
active_layers: [1, 2]
loss_weights: {adversarial: 1, feature_matching: 2, mel: 5, commitment: 10}
mel_windows: [64, 256]
optimisation:
  {learning_rate: 1.0e-3, betas: [0.9, 0.999], epsilon: 1.0e-9, decay: 0.9, decay_per: epoch}
codebooks: {dead_below: 2}
discriminators: {windows: [64, 128], channels: 2, normalise_first: false, precision: float32}
checkpoints: {every_steps: 2, keep_best: 1}
"""
DESIGN = """
lrac_audit_design: 1
name: small
sample_rate_hz: 24000
encoder:
  blocks:
    - {residual: [{convs: [{kernel: 3}, {kernel: 1}]}], down: {channels: 8, kernel: 30, stride: 15}}
    - {residual: [], down: {channels: 8, kernel: 32, stride: 16}}
quantizer: {layers: 2, codebook_size: 8, codebook_dim: 4, modes: [1, 2]}
decoder:
  blocks:
    - {up: {channels: 8, kernel: 16, stride: 16}, residual: [{convs: [{kernel: 3}]}]}
    - {up: {channels: 4, kernel: 15, stride: 15}, residual: []}
  output: {kernel: 5}
  final_activation: tanh
"""


def hum(seconds: float, seed: int) -> np.ndarray:
    """Harmonics of a low tone that comes and goes, and a little noise."""
    random = np.random.default_rng(seed)
    t = np.arange(round(RATE * seconds)) / RATE
    tones = sum(np.sin(2 * np.pi * k * (110 + 15 * seed) * t) / k for k in range(1, 8))
    return 0.2 * tones * (0.6 + 0.4 * np.sin(8 * t)) + 0.01 * random.standard_normal(len(t))


def write_manifest(folder: Path, name: str, count: int, seconds: float) -> Path:
    """Hums and a manifest of them."""
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["uid", "path", "speaker", "duration_s", "sample_rate_hz"])
        for i in range(count):
            audio = hum(seconds, i)
            soundfile.write(folder / f"{name}{i}.wav", audio, RATE)
            rows.writerow(
                [f"{name}{i}", f"{name}{i}.wav", f"{name} speaker {i}", len(audio) / RATE, RATE]
            )
    return folder / f"{name}.csv"


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``small.yaml``, ``train.csv`` and ``valid.csv``."""
    folder = tmp_path_factory.mktemp("small run")
    (folder / "small.yaml").write_text(SMALL)
    (folder / "design.yaml").write_text(DESIGN)
    write_manifest(folder, "train", 3, 0.7)
    write_manifest(folder, "valid", 2, 0.5)
    return folder


@pytest.fixture(scope="session")
def whole(files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A run that nothing disturbed: what it said, and its folder."""
    folder = tmp_path_factory.mktemp("whole") / "the run"
    words = ["--configuration", files / "small.yaml", "--train", files / "train.csv"]
    words = ["train", folder, *words, "--validation", files / "valid.csv"]
    torch.set_num_threads(1)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        assert main([str(word) for word in words]) == 0
    assert err.getvalue() == ""
    return out.getvalue(), folder


@pytest.fixture
def configuration(files: Path) -> Configuration:
    return load_configuration(files / "small.yaml")


@pytest.fixture
def models(configuration: Configuration) -> Models:
    return build_models(configuration, ALONE)


@pytest.fixture
def arguments(files: Path) -> list[object]:
    """How ``lrac-codec train`` is called, but for the folder."""
    return [
        *("--configuration", files / "small.yaml"),
        *("--train", files / "train.csv"),
        *("--validation", files / "valid.csv"),
    ]


@pytest.fixture
def train(run: Callable[..., object], arguments: list[object]) -> Callable[..., object]:
    """Run ``lrac-codec train`` in this process."""
    return lambda folder, *more: run("train", folder, *arguments, *more)


FLOAT64_ERROR = 1e-9
"""Allowed between two orders of the same sums in float64: a millionth of the learning rate, which
is about how far a step moves a weight. Rounding comes to some 1e-14."""


@pytest.fixture
def in_float64() -> Iterator[None]:
    """Compute in float64, where rounding is far smaller than the effect of any mistake."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def speech_batch(count: int = 2, samples: int = 4800, first: int = 0) -> Batch:
    """Hums as a batch."""
    audio = np.stack([hum(samples / RATE, i) for i in range(first, first + count)])
    x = torch.tensor(audio, dtype=torch.get_default_dtype()).unsqueeze(1)
    return Batch(x, x, tuple(f"hum{i}" for i in range(first, first + count)))
