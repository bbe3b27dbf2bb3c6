"""Training in two processes is training in one with all of the batch."""

import os
import subprocess
import sys

import pytest
import torch

from tests.conftest import ROOT
from tests.reference_models.training import torchrun_checks


def found_by_two(files, folder):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    done = subprocess.run(
        [*command, "-m", torchrun_checks.__name__, files / "small.yaml", folder],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture(scope="module")
def found(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("processes")
    found_by_two(files, folder)
    torchrun_checks.main(str(files / "small.yaml"), str(folder))
    return [torch.load(folder / f"{name}.pt", weights_only=True) for name in ("2-0", "2-1", "1-0")]


def test_codebooks_are_identical_after_every_step(found):
    one, other, _ = found
    assert len(one["codebooks"]) == 20
    assert all(torch.equal(a, b) for a, b in zip(one["codebooks"], other["codebooks"], strict=True))
    assert not torch.equal(one["codebooks"][0], one["codebooks"][19])
    for ours, theirs in zip(one["kept"], other["kept"], strict=True):
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert one["replaced"] == other["replaced"] and sum(one["replaced"]) > 0


def test_codebooks_are_those_of_one_process(found):
    one, _, alone = found
    torch.testing.assert_close(one["codebooks"][0], alone["codebooks"][0], rtol=1e-4, atol=1e-5)


def test_gradients_are_those_of_one_process_with_the_whole_batch(found):
    """The first step of RAdam is the learning rate times the gradient, so weights show it."""
    one, other, alone = found
    assert one["first"].keys() == alone["first"].keys() and len(one["first"]) > 50
    for name, value in one["first"].items():
        assert torch.equal(value, other["first"][name]), name
        torch.testing.assert_close(value, alone["first"][name], rtol=1e-5, atol=1e-6, msg=name)


def test_weights_stay_equal_to_the_last_step(found):
    one, other, _ = found
    assert all(torch.equal(value, other["last"][name]) for name, value in one["last"].items())
    assert one["losses"] != other["losses"]  # they did see different windows
