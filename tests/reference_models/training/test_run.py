"""Whole runs from the command line."""

import io
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
import soundfile
import torch
from safetensors.torch import load_file

from reference_models.cli.main import main
from reference_models.nn.conv import folded_state
from reference_models.nn.weights import load_codec
from reference_models.training.configuration_file import load_configuration
from reference_models.training.models import build_models
from reference_models.training.run_description import read_description
from tests.conftest import ROOT
from tests.reference_models.rooms import room_response
from tests.reference_models.training.conftest import ALONE, DESIGN, RATE, SMALL, write_manifest
from tests.reference_models.training.launching import launch
from tests.tensors import assert_equal_tensors


def wait_for(condition, process):
    """Until ``condition``, which ``process`` brings about."""
    while not condition():
        assert process.is_alive()
        time.sleep(0.002)


def test_a_run_says_what_it_is_and_does(whole):
    out, _ = whole
    assert out.index("verdict: pass") < out.index("counted: multiply-accumulates")
    lines = [line for line in out.splitlines() if line.startswith("epoch ")]
    # Six windows in each of three utterances, two in a step; a checkpoint every other step.
    steps = [(1, 2), (1, 4), (1, 6), (1, 8), (1, 9), (2, 10), (2, 12), (2, 14), (2, 16), (2, 18)]
    expected = [f"epoch {epoch}/2, step {step}" for epoch, step in steps]
    assert [line.split(":")[0] for line in lines] == expected
    last = lines[-1]
    for name in ("adversarial", "feature_matching", "mel", "commitment", "discriminators"):
        assert f"{name} " in last
    assert all(" left" in line for line in lines[:-1]) and " left" not in last
    assert "s of audio per s" in last and "validation mel: 0.3 kbps" in last and "% used" in last
    assert re.search(r"; \d\.\d of 8 directions used, residual \d+\.\d\d$", last)


def test_the_end_of_a_run_names_its_best_file_and_the_next_step(whole, files):
    out, folder = whole
    end, best, next_step = out.splitlines()[-3:]
    (kept,) = folder.glob("epoch-*")
    description = read_description(kept)
    mean = description.validation["mean"]
    epoch, step = description.position.epoch, description.position.step
    assert end == "finished"
    assert best == (
        f"best: epoch {epoch}, step {step}, validation mel {mean:.4f}: "
        f"{folder / 'best.safetensors'}"
    )
    words = shlex.split(next_step.removeprefix("next: lrac-codec "))
    valid = str(files / "valid.csv")
    weights = str(folder / "best.safetensors")
    assert words == ["evaluate", "--weights", weights, "--clean", valid, valid]


def test_what_a_run_leaves(whole, tmp_path):
    _, folder = whole
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "best.safetensors" and len([n for n in names if n.startswith("epoch-")]) == 1
    description = read_description(folder / "last.safetensors")
    assert tuple(description.position) == (2, 0, 18)
    assert description.configuration["design"]["name"] == "small"
    assert description.audit["verdict"] == "pass" and len(description.audit["layers"]) > 5
    mel = description.validation
    assert mel["mean"] == pytest.approx((mel["0.3 kbps"] + mel["0.6 kbps"]) / 2)


def test_the_best_weights_code(whole, run, files, tmp_path):
    _, folder = whole
    weights = folder / "best.safetensors"
    assert run("encode", files / "valid0.wav", tmp_path / "x.lrac", "--weights", weights).code == 0
    assert run("decode", tmp_path / "x.lrac", tmp_path / "x.wav", "--weights", weights).code == 0
    assert soundfile.info(tmp_path / "x.wav").frames == 12_000
    assert load_codec(weights).quantizer.layers[1].search.inited == 1


def test_the_command_tensorboard_starts():
    """Without pkg_resources, which newer releases of setuptools do not have."""
    code = "import runpy, sys; sys.modules['pkg_resources'] = None; sys.argv[1:] = ['--version']; "
    code += "runpy.run_module('tensorboard.main', run_name='__main__')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, version("tensorboard"))


def test_tensorboard_has_everything(whole):
    event_accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    _, folder = whole
    board = event_accumulator.EventAccumulator(
        str(folder / "tensorboard"), {"scalars": 0, "images": 0, "audio": 0}
    )
    board.Reload()
    tags = board.Tags()
    losses = {"adversarial", "feature_matching", "mel", "commitment"}
    assert set(tags["scalars"]) == {
        *(f"{kind}/{name}" for kind in ("loss", "weighed loss") for name in losses),
        *("loss/discriminators", "learning rate", "active layers"),
        *(f"speed/{name}" for name in ("seconds of audio per second", "utilisation", "waiting")),
        *(f"validation mel/{name}" for name in ("0.3 kbps", "0.6 kbps", "mean")),
        *(
            f"{what}/layer {i}"
            for what in ("codebook use", "codebook perplexity", "dead codes replaced")
            for i in (1, 2)
        ),
        *("latent/effective directions", "residual share/layer 1", "residual share/layer 2"),
    }
    points = {tag: [(p.step, p.value) for p in board.Scalars(tag)] for tag in tags["scalars"]}
    assert [step for step, _ in points["loss/mel"]] == [1, 11]
    assert points["weighed loss/mel"][0][1] == pytest.approx(5 * points["loss/mel"][0][1])
    assert points["learning rate"] == [(1, pytest.approx(1e-3)), (11, pytest.approx(9e-4))]
    assert [step for step, _ in points["validation mel/mean"]] == [9, 18]
    assert all(0 < share <= 1 for _, share in points["codebook use/layer 1"])
    assert all(1 <= n <= 8 for _, n in points["latent/effective directions"])
    assert all(share > 0 for _, share in points["residual share/layer 2"])
    assert all(1 <= n <= 8 for _, n in points["codebook perplexity/layer 2"])
    expected = {f"sample {i}, {what}" for i in (1, 2, 3, 4) for what in ("output", "target")}
    assert set(tags["images"]) == set(tags["audio"]) == expected
    assert len(board.Audio("sample 1, output")) == 2


@pytest.mark.sweep
@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU adds in another order in every run")
def test_killed_three_times_and_resumed_is_as_never_stopped(whole, arguments, train, tmp_path):
    _, folder = whole
    broken, last = tmp_path / "killed", tmp_path / "killed" / "last.safetensors"
    out, err = tmp_path / "out", tmp_path / "err"
    for kill_at in (2, 4, 10):
        resume = ["--resume"] if last.exists() else []
        process = launch(out, err, broken, *arguments, *resume)
        wait_for(lambda: last.exists() and step_of(last) >= kill_at, process)  # noqa: B023
        process.kill()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        assert step_of(last) < 18
    assert err.read_text() == ""
    result = train(broken, "--resume")
    assert (result.code, result.err) == (0, "")
    for name in ("last.safetensors", "best.safetensors"):
        found, expected = load_file(broken / name), load_file(folder / name)
        assert len(found) > 20
        assert_equal_tensors(found, expected)
        assert (broken / name).read_bytes() == (folder / name).read_bytes()
    ours, theirs = (read_description(path / "last.safetensors") for path in (broken, folder))
    assert ours == theirs


def step_of(checkpoint):
    return read_description(checkpoint).position.step


class Disturbed(NamedTuple):
    """A run in a terminal that another one wanted to join, and that was then interrupted."""

    folder: Path
    refused: object
    """Result of the other run."""
    code: int
    out: str
    shown: str
    """In the terminal."""


@pytest.fixture(scope="module")
def disturbed(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("disturbed")
    words = ["--configuration", files / "small.yaml", "--train", files / "train.csv"]
    words = [folder / "run", *words, "--validation", files / "valid.csv"]
    master, slave = pty.openpty()
    process = launch(folder / "out", os.ttyname(slave), *words)
    wait_for((folder / "run" / "last.safetensors").exists, process)
    os.kill(process.pid, signal.SIGSTOP)
    err = io.StringIO()
    with redirect_stderr(err):
        refused = main(["train", *map(str, words), "--resume"]), err.getvalue()
    os.kill(process.pid, signal.SIGCONT)
    os.kill(process.pid, signal.SIGINT)
    shown = b""
    while process.is_alive():
        if select.select([master], [], [], 0.01)[0]:
            shown += os.read(master, 1 << 16)
    os.close(slave)
    os.close(master)
    return Disturbed(
        folder / "run", refused, process.exitcode, (folder / "out").read_text(), shown.decode()
    )


@pytest.mark.sweep
def test_two_runs_in_one_folder(disturbed):
    allowed = "given a folder that another run is using; allowed: a folder of its own"
    assert disturbed.refused == (2, f"error: {disturbed.folder}: {allowed}\n")


@pytest.mark.sweep
def test_interruption_saves_the_step_it_came_in(disturbed):
    assert disturbed.code == 130 and "interrupted" in disturbed.shown
    assert 2 <= step_of(disturbed.folder / "last.safetensors") < 18
    assert not list(disturbed.folder.glob(".*"))


@pytest.mark.sweep
def test_a_bar_on_a_terminal_and_plain_lines_elsewhere(disturbed):
    assert "epoch 1/2" in disturbed.shown and "mel " in disturbed.shown
    assert "\x1b" in disturbed.shown and "\x1b" not in disturbed.out
    assert "epoch 1/2, step 2" in disturbed.out


NOISY_TRACK_2 = """
lrac_training: 1
name: Track 2, some steps
design: track2
seed: 3
epochs: 1
epoch_utterances: 2
batch_size: 2
window_samples: 9600
hop_fraction: 0.5
active_layers: [1, 6]
loss_weights: {adversarial: 1, feature_matching: 2, mel: 5, commitment: 10}
mel_windows: [64, 128, 256, 512, 1024, 2048]
optimisation:
  {learning_rate: 3.0e-4, betas: [0.9, 0.999], epsilon: 1.0e-9, decay: 0.998, decay_per: epoch}
codebooks: {dead_below: 2}
discriminators: {windows: [128, 512], channels: 4, normalise_first: false, precision: float32}
augmentation:
  {reverb_probability: 1, noise_probability: 1, min_snr_db: -5, max_snr_db: 30, early_ms: 50}
checkpoints: {every_steps: 99, keep_best: 1}
"""


def write_rooms(folder):
    """Impulse responses of two rooms, and a manifest of them."""
    lines = ["uid,path,speaker,duration_s,sample_rate_hz"]
    for i, (size, absorption) in enumerate([((4, 3, 2.5), 0.4), ((8, 6, 3), 0.2)]):
        response = room_response(size, absorption, RATE)
        soundfile.write(folder / f"room{i}.wav", response, RATE)
        lines.append(f"room{i},room{i}.wav,,{len(response) / RATE},{RATE}")
    manifest = folder / "rooms.csv"
    manifest.write_text("\n".join(lines))
    return manifest


def test_track_2_in_noise_and_rooms(run, files, tmp_path):
    """The baseline itself, at full width."""
    (tmp_path / "noisy.yaml").write_text(NOISY_TRACK_2)
    noises, rirs = write_manifest(tmp_path, "noise", 1, 0.4), write_rooms(tmp_path)
    words = ["--configuration", tmp_path / "noisy.yaml", "--train", files / "train.csv"]
    words += ["--validation", files / "valid.csv", "--noises", noises, "--rirs", rirs]
    words += ["--validation-noises", noises, "--validation-rirs", rirs]
    result = run("train", tmp_path / "run", *words)
    assert result.code == 2 and "noise.csv: uids: given 1 that " in result.err
    result = run("train", tmp_path / "run", *words, "--allow-overlap")
    assert result.code == 0 and result.err.count("warning: ") == len(result.err.splitlines())
    assert "verdict: pass" in result.out and "epoch 1/1, step 2:" in result.out
    description = read_description(tmp_path / "run" / "last.safetensors")
    assert description.configuration["augmentation"]["min_snr_db"] == -5
    assert description.audit["design"]["name"] == "LRAC 2025 Track 2 baseline"
    untrained = build_models(load_configuration(tmp_path / "noisy.yaml"), ALONE).codec
    before = folded_state(untrained)
    after = load_codec(tmp_path / "run" / "best.safetensors").state_dict()
    assert after.keys() == before.keys() and len(after) > 100
    assert not [name for name, value in after.items() if torch.equal(value, before[name])]


def test_pictures_of_a_run(whole, run, tmp_path):
    from PIL import Image

    _, folder = whole
    curve, spectrograms = tmp_path / "a curve.png", tmp_path / "spectrograms.png"
    result = run("draw-run", folder, "--curve", curve, "--spectrograms", spectrograms)
    assert (result.code, result.err) == (0, "")
    first, last = (
        read_description(path).validation["mean"] if path.exists() else None
        for path in (folder / "epoch-00001.safetensors", folder / "epoch-00002.safetensors")
    )
    assert [line.split(":")[0] for line in result.out.splitlines()] == [
        "0.3 kbps",
        "0.6 kbps",
        "mean",
    ]
    assert (f" {first:.4f} to" if first else f" to {last:.4f},") in result.out.splitlines()[2]
    for path in (curve, spectrograms):
        with Image.open(path) as picture:
            low, high = picture.convert("L").getextrema()
            assert picture.width > 500 and low < 50 < 200 < high


def test_files_that_cannot_be_read_are_counted(train, files, tmp_path):
    speech = write_manifest(tmp_path, "speech", 30, 0.3)
    (tmp_path / "speech7.wav").write_bytes(b"no audio")
    text = SMALL.replace("epoch_utterances: 3", "epoch_utterances: 30").replace(
        "epochs: 2", "epochs: 1"
    )
    (tmp_path / "c.yaml").write_text(text.replace("every_steps: 2", "every_steps: 99"))
    (tmp_path / "design.yaml").write_text(DESIGN)
    words = ["--configuration", tmp_path / "c.yaml", "--train", speech]
    result = train(tmp_path / "run", *words)
    assert result.code == 0 and "; 1 files skipped; validation" in result.out


@pytest.mark.sweep  # it trains for six commands
def test_the_commands_of_the_page(run, tmp_path, monkeypatch):
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    lines = re.search(r"```sh\n(.*?)```", page, re.DOTALL)[1].splitlines()
    assert len(lines) == 6
    write_manifest(tmp_path, "train", 4, 1.6)
    write_manifest(tmp_path, "valid", 1, 1.6)
    monkeypatch.chdir(tmp_path)
    for line in lines:
        program, *words = shlex.split(line)
        result = run(*words)
        assert (program, result.code, result.err) == ("lrac-codec", 0, ""), line
