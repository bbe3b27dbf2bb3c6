"""Training in two processes is training in one with all of the batch."""

import os
import subprocess
import sys
from socket import socket

import pytest
import torch

from reference_models.nn.weights import load_codec
from reference_models.training.run_description import read_description
from tests.conftest import ROOT
from tests.reference_models.training import torchrun_checks
from tests.reference_models.training.conftest import FLOAT64_ERROR
from tests.reference_models.training.launching import CONTEXT
from tests.tensors import assert_equal_tensors

pytestmark = pytest.mark.skipif(
    torch.cuda.is_available() and torch.cuda.device_count() < 2,
    reason="two processes need a GPU each, or none in sight",
)


def run_by_two(module, *words):
    """Run ``module`` in two processes; what they print."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0", "-m", module]
    done = subprocess.run(
        [*command, *map(str, words)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_as(rank, port, *words):
    """What one of the processes does that ``torchrun`` starts."""
    os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    torch.set_num_threads(1)
    torchrun_checks.in_float64(*words)


@pytest.fixture(scope="module")
def found(files, tmp_path_factory):
    """What both processes and one alone found, in float64."""
    folder = tmp_path_factory.mktemp("processes")
    words = str(files / "small.yaml"), str(folder)
    with socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    both = [CONTEXT.Process(target=run_as, args=(rank, port, *words)) for rank in range(2)]
    for process in both:
        process.start()
    torchrun_checks.in_float64(*words)
    for process in both:
        process.join(200)
        assert process.exitcode == 0
    return [torch.load(folder / f"{name}.pt", weights_only=True) for name in ("2-0", "2-1", "1-0")]


@pytest.mark.sweep
def test_codebooks_are_identical_after_every_step(found):
    one, other, _ = found
    assert len(one["codebooks"]) == 20
    assert all(torch.equal(a, b) for a, b in zip(one["codebooks"], other["codebooks"], strict=True))
    assert not torch.equal(one["codebooks"][0], one["codebooks"][19])
    assert len(one["kept"]) > 0
    for ours, theirs in zip(one["kept"], other["kept"], strict=True):
        assert_equal_tensors(ours, theirs)
    assert one["replaced"] == other["replaced"] and sum(one["replaced"]) > 0


@pytest.mark.sweep
def test_codebooks_are_those_of_one_process(found):
    one, _, alone = found
    torch.testing.assert_close(
        one["codebooks"][0], alone["codebooks"][0], rtol=0, atol=FLOAT64_ERROR
    )


@pytest.mark.sweep
def test_a_start_from_principal_directions_is_that_of_one_process(found):
    """Directions are compared by the projection on all of them: each is known up to its sign."""
    one, other, alone = (each["started"] for each in found)
    assert_equal_tensors(one, other)
    name = "layers.0.project_in.weight"
    torch.testing.assert_close(
        one[name].T @ one[name], alone[name].T @ alone[name], rtol=0, atol=FLOAT64_ERROR
    )
    counts = [each["layers.1.search.cluster_size"].sum().item() for each in (one, alone)]
    assert counts == [40, 40]


@pytest.mark.sweep
def test_gradients_are_those_of_one_process_with_the_whole_batch(found):
    """The first step of RAdam is the learning rate times the gradient, so weights show it."""
    one, other, alone = found
    assert one["first"].keys() == alone["first"].keys() and len(one["first"]) > 50
    for name, value in one["first"].items():
        assert torch.equal(value, other["first"][name]), name
        torch.testing.assert_close(
            value, alone["first"][name], rtol=0, atol=FLOAT64_ERROR, msg=name
        )


@pytest.mark.sweep
def test_weights_stay_equal_to_the_last_step(found):
    one, other, _ = found
    assert_equal_tensors(one["last"], other["last"])
    assert one["losses"] != other["losses"]  # they did see different windows


@pytest.mark.sweep
def test_a_whole_run_by_two_from_the_command_line(files, arguments, tmp_path):
    """Stopped after an epoch and continued."""
    text = (files / "small.yaml").read_text()
    (tmp_path / "design.yaml").write_text((files / "design.yaml").read_text())
    (tmp_path / "small.yaml").write_text(text)
    (tmp_path / "first.yaml").write_text(text.replace("epochs: 2", "epochs: 1"))
    folder = tmp_path / "the run"
    words = ["train", folder, *arguments[2:]]
    first = run_by_two("reference_models", *words, "--configuration", tmp_path / "first.yaml")
    second = run_by_two(
        "reference_models", *words, "--configuration", tmp_path / "small.yaml", "--resume"
    )
    for said, epoch in ((first, 1), (second, 2)):
        assert said.count("verdict: pass") == said.count("validation mel: ") == 1
        epochs = {line.split("/")[0] for line in said.splitlines() if line.startswith("epoch ")}
        assert epochs == {f"epoch {epoch}"}
    position = read_description(folder / "last.safetensors").position
    # Of six windows in each of three utterances one process has two utterances, the other one:
    # the shorter share ends an epoch, and a step takes one window of each.
    assert tuple(position) == (2, 0, 12)
    assert load_codec(folder / "best.safetensors").quantizer.layers[1].search.inited == 1
