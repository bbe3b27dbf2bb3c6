"""What ``lrac-codec train`` refuses, and what it then says."""

import json

import pytest

from reference_models.training.run_description import read_description
from tests.reference_models.training.conftest import DESIGN, SMALL, write_manifest


def test_a_loss_that_is_not_a_number_stops_with_the_windows_named(
    train, files, tmp_path, monkeypatch
):
    from reference_models.training.mel import MelDistance

    forward = MelDistance.forward
    calls = []

    def broken(self, audio, target):
        calls.append(audio)
        return forward(self, audio, target) * (float("nan") if len(calls) == 6 else 1)

    monkeypatch.setattr(MelDistance, "forward", broken)
    result = train(tmp_path / "run")
    assert result.code == 2 and "Traceback" not in result.err
    details = json.loads((tmp_path / "run" / "failed_batch.json").read_text())
    # Two of the six calls counted what a step costs.
    assert (details["step"], details["losses"]["mel"]) == (3, "nan")
    assert len(details["ids"]) == 2 and all(one.startswith("train") for one in details["ids"])
    assert "step 3: mel: given nan; allowed: finite losses; " in result.err
    assert read_description(tmp_path / "run" / "last.safetensors").position.step == 2


def test_a_design_over_its_limits(train, arguments, files, tmp_path):
    big = DESIGN.replace("name: small", "name: big\nlimits: lrac-2025-track1").replace(
        "kernel: 30, stride: 15", "kernel: 200000, stride: 15"
    )
    (tmp_path / "design.yaml").write_text(big)
    (tmp_path / "small.yaml").write_text(SMALL)
    words = ["--configuration", tmp_path / "small.yaml"]
    result = train(tmp_path / "run", *words)
    assert result.code == 2 and result.err.startswith("error: big: overall_mflops: given ")
    assert "or --over-limit" in result.err and not (tmp_path / "run").exists()
    assert "FLOPs" in train("--plan", "--throughput", 10, "--over-limit", *words).out


def test_what_is_missing_is_named_at_once(run, files):
    result = run("train", "x", "--configuration", "track2", "--train", files / "train.csv")
    given = [line.split(": ")[2] for line in result.err.splitlines()]
    assert result.code == 2
    assert [line.split(": ")[2].split(":")[0] for line in result.err.splitlines()] == given
    for name in ("--validation", "--noises", "--rirs", "--validation-noises", "--validation-rirs"):
        assert f"error: options: {name}: given nothing; allowed: a manifest" in result.err


def test_manifests_that_the_configuration_has_no_use_for(train, files, tmp_path):
    result = train(tmp_path / "run", "--noises", files / "train.csv")
    assert result.code == 2 and "--noises" in result.err and "does not augment" in result.err


def test_too_little_speech(train, files, tmp_path):
    short = write_manifest(tmp_path, "short", 1, 0.21)
    result = train(tmp_path / "run", "--train", short)
    assert result.code == 2
    assert "given too little speech for one batch of 2 windows; allowed: more speech" in result.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--plan"], {"--configuration": "track1, track2", "--throughput": "seconds of audio"}),
        (["--plan", "--configuration", "debug"], {"--throughput": "more than 0, such as 300"}),
        (["--plan", "--configuration", "debug", "--throughput", 0], {"--throughput": "more than"}),
        (["--configuration", "debug"], {"FOLDER": "the folder to keep the run in, such as runs/"}),
        (["run", "--configuration", "debug", "--throughput", 3], {"--throughput": "with --plan"}),
        ([], {"--configuration": "track1", "FOLDER": "or --plan, which needs none"}),
    ],
)
def test_options_that_are_missing_say_what_they_are_for(run, words, expected):
    result = run("train", *words)
    lines = result.err.splitlines()
    assert result.code == 2 and len(lines) == len(expected)
    for line, (option, allowed) in zip(lines, expected.items(), strict=True):
        assert line.startswith(f"error: options: {option}: given ")
        assert allowed in line.partition("; allowed: ")[2]


def test_resuming_where_nothing_is(train, tmp_path):
    result = train(tmp_path / "run", "--resume")
    assert result.code == 2 and "given a folder without a checkpoint" in result.err


def test_pictures_of_nothing(run, tmp_path):
    words = ["--curve", tmp_path / "c.png", "--spectrograms", tmp_path / "s.png"]
    result = run("draw-run", tmp_path, *words)
    assert result.code == 2 and "given no validation; allowed: TensorBoard's files" in result.err
    assert not list(tmp_path.iterdir())
