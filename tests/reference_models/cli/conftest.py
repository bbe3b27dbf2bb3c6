"""A codec small enough to run a thousand times, with the frames and bitrates of the baselines."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile
import torch

from lrac_audit.design.formats import load_design
from reference_models.cli.main import main
from reference_models.nn.build import build
from reference_models.nn.weights import save_codec

HANG_SECONDS = 120

TINY = """
lrac_audit_design: 1
name: tiny
sample_rate_hz: 24000
encoder:
  blocks:
    - residual: [{convs: [{kernel: 3, causal: false}, {kernel: 1}]}]
      down: {channels: 4, kernel: 30, stride: 15}
    - residual: [{convs: [{kernel: 3}]}]
      down: {channels: 8, kernel: 32, stride: 16}
quantizer: {layers: 6, codebook_size: 600, codebook_dim: 4, modes: [1, 6]}
decoder:
  blocks:
    - {up: {channels: 4, kernel: 16, stride: 16}, residual: []}
    - up: {channels: 2, kernel: 15, stride: 15}
      residual: [{convs: [{kernel: 5, causal: false}]}]
  output: {kernel: 7}
  final_activation: tanh
"""


class Result(NamedTuple):
    """What one run of the program left behind."""

    code: int
    out: str
    err: str


class Codec(NamedTuple):
    """Files of one codec."""

    design: Path
    weights: Path


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError(f"still running after {HANG_SECONDS} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(HANG_SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """So that tests run as fast on a busy machine; and ``--threads`` is undone."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run ``lrac-codec`` in this process; what it raises, the test raises."""

    def run(*arguments: object) -> Result:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Result(int(code), out, err)

    return run


@pytest.fixture
def tiniest(tmp_path: Path) -> Path:
    """A design with so few codewords that ``init`` takes no time."""
    path = tmp_path / "tiniest.yaml"
    path.write_text(TINY.replace("codebook_size: 600", "codebook_size: 8"))
    return path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Codec:
    """The small codec, untrained."""
    folder = tmp_path_factory.mktemp("tiny codec")
    codec = Codec(folder / "tiny.yaml", folder / "the weights.safetensors")
    codec.design.write_text(TINY)
    assert main(["init", "--design", str(codec.design), str(codec.weights)]) == 0
    return codec


@pytest.fixture(scope="session")
def track1(tmp_path_factory: pytest.TempPathFactory) -> Codec:
    """The Track 1 baseline, untrained."""
    weights = tmp_path_factory.mktemp("track1") / "the weights.safetensors"
    random_codec("track1", weights)
    return Codec(Path("track1"), weights)


def random_codec(design: str, weights: Path) -> None:
    """Write weights with random codebooks, which are made faster than by k-means."""
    torch.manual_seed(0)
    codec = build(load_design(design).design)
    for layer in codec.quantizer.layers:
        layer.search.embed.normal_(std=0.1)
        layer.search.inited.fill_(1)
    save_codec(codec, weights)


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Half a second and a bit at 24 kHz: 12,345 samples, which are 51.4 hops."""
    return write_audio(tmp_path / "some speech.wav", 12_345)


def write_audio(path: Path, samples: int, rate: int = 24000, channels: int = 1) -> Path:
    """A file of tones that come and go, with noise; samples are per channel."""
    time_s = np.arange(samples) / rate
    tone = np.sin(2 * np.pi * 220 * time_s) * np.sin(2 * np.pi * 3 * time_s)
    noise = np.random.default_rng(0).standard_normal((samples, channels))
    soundfile.write(path, 0.3 * tone[:, None] + 0.05 * noise, rate)
    return path
