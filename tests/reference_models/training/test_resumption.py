"""Runs that are resumed: at their end, with other data, and with more epochs than before."""

import shutil
from dataclasses import replace

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from lrac_audit.errors import InputError
from reference_models.data.manifest_summary import ManifestSummary
from reference_models.training.checkpoint import save_checkpoint
from reference_models.training.configuration_file import configuration_tree, load_configuration
from reference_models.training.resumption import resume
from reference_models.training.run_description import (
    CurvePoint,
    Description,
    Position,
    read_description,
)
from reference_models.training.run_folder import RunFolder
from tests.reference_models.training.conftest import DESIGN, SMALL, write_manifest

OURS = ManifestSummary(3, 0.5, "0123456789abcdef")
THEIRS = ManifestSummary(4, 0.25, "fedcba9876543210")


def content(folder):
    """Bytes and times of every file of a run; the lock is no part of it."""
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name != "lock"
    }


def validated_steps(folder):
    board = EventAccumulator(str(folder / "tensorboard"), {"scalars": 0})
    board.Reload()
    return [point.step for point in board.Scalars("validation mel/mean")]


@pytest.fixture
def copied(whole, tmp_path):
    """A finished run that a test may change."""
    _, folder = whole
    return shutil.copytree(folder, tmp_path / "the run")


def test_a_finished_run_says_so_and_stays_as_it_was(copied, train):
    before = content(copied)
    assert len(before) > 3 and validated_steps(copied) == [9, 18]
    result = train(copied, "--resume")
    assert (result.code, result.err) == (0, "")
    done, best, next_step = result.out.splitlines()
    assert done == (
        f"{copied}: this run is finished: 2 of 2 epochs and 18 steps are done; nothing was changed"
    )
    assert best.startswith("best: epoch ") and best.endswith(f": {copied / 'best.safetensors'}")
    assert next_step == "to go on: raise epochs in the configuration, and --resume again"
    assert content(copied) == before


def test_more_epochs_go_on_and_lose_no_point_of_the_curve(copied, train, tmp_path):
    (tmp_path / "design.yaml").write_text(DESIGN)
    longer = tmp_path / "longer.yaml"
    longer.write_text(SMALL.replace("epochs: 2", "epochs: 3"))
    before = read_description(copied / "last.safetensors").curve
    result = train(copied, "--resume", "--configuration", longer)
    assert (result.code, result.err) == (0, "") and "epoch 3/3, step 27: " in result.out
    assert validated_steps(copied) == [9, 18, 27]
    curve = read_description(copied / "last.safetensors").curve
    assert [(point.epoch, point.step) for point in curve] == [(1, 9), (2, 18), (3, 27)]
    assert curve[:2] == before
    assert curve[2].mel == read_description(copied / "epoch-00003.safetensors").validation


def test_other_data_is_refused_unless_told(copied, train, files, tmp_path):
    other = write_manifest(tmp_path / "other data", "train", 4, 0.7)
    before = content(copied)
    result = train(copied, "--resume", "--train", other)
    given, allowed = result.err.partition("; allowed: ")[::2]
    assert result.code == 2 and len(result.err.splitlines()) == 1
    assert given.startswith(f"error: {copied / 'last.safetensors'}: --train: given 4 files, 0.00 h")
    assert allowed.startswith("3 files, 0.00 h, fingerprint ") and "--other-data" in allowed
    assert content(copied) == before
    result = train(copied, "--resume", "--train", other, "--other-data")
    assert result.code == 0 and "this run is finished" in result.out


def test_a_run_of_a_configuration_without_the_newer_fields_goes_on(models, files, tmp_path):
    """Their defaults are how it was trained."""
    configuration = load_configuration(files / "small.yaml")
    saved = configuration_tree(configuration)
    for part, names in (
        (saved, ("first_stages", "spectrum")),
        (saved["optimisation"], ("warm_up_steps", "cosine")),
        (saved["codebooks"], ("start",)),
        (saved["discriminators"], ("start_step",)),
    ):
        for name in names:
            assert part.pop(name) is None
    folder = RunFolder(tmp_path)
    description = Description(Position(1, 0, 5), saved, {}, {"mean": 0.5}, {"train": OURS})
    save_checkpoint(folder.last, models, description)
    given = {"train": OURS}
    assert resume(folder, configuration_tree(configuration), given, False).position.step == 5
    late = replace(configuration.discriminators, start_step=3)
    changed = configuration_tree(replace(configuration, discriminators=late))
    with pytest.raises(InputError, match=r"discriminators\.start_step: given None; allowed: 3"):
        resume(folder, changed, given, False)


@pytest.mark.parametrize(
    ("saved", "field", "allowed"),
    [
        (None, "--train", "data that it recorded; or --other-data"),
        ({"train": OURS}, None, ""),
        ({"train": OURS._replace(hours=7.0)}, None, ""),
        ({"train": THEIRS}, "--train", f"{THEIRS}; or --other-data"),
        ({"noises": OURS}, "--train", "data that it recorded; or --other-data"),
    ],
)
def test_the_fingerprint_decides(models, tmp_path, saved, field, allowed):
    folder = RunFolder(tmp_path)
    description = Description(Position(1, 0, 5), {"name": "x"}, {}, {"mean": 0.5}, saved)
    save_checkpoint(folder.last, models, description)
    given = {"train": OURS}
    if field is None:
        assert resume(folder, {"name": "x"}, given, False).position == Position(1, 0, 5)
        return
    with pytest.raises(InputError) as error:
        resume(folder, {"name": "x"}, given, False)
    (problem,) = error.value.problems
    assert (problem.field, problem.given) == (field, str(OURS))
    assert problem.allowed.startswith(allowed)
    assert resume(folder, {"name": "x"}, given, True).position == Position(1, 0, 5)


def test_data_and_curve_come_back(models, tmp_path):
    curve = (CurvePoint(1, 3, {"mean": 0.75}), CurvePoint(2, 6, {"mean": 0.5}))
    description = Description(Position(2, 0, 6), {}, {}, {"mean": 0.5}, {"train": OURS}, curve)
    save_checkpoint(tmp_path / "c.safetensors", models, description)
    assert read_description(tmp_path / "c.safetensors") == description


def test_files_of_earlier_releases_have_neither(models, tmp_path):
    from reference_models.nn.tensor_file import read_tensor_file, write_tensor_file

    path = tmp_path / "c.safetensors"
    save_checkpoint(path, models, Description(Position(1, 0, 5), {}, {}, None))
    file = read_tensor_file(path)
    older = {key: x for key, x in file.metadata.items() if key not in ("data", "curve")}
    assert len(older) == len(file.metadata) - 2
    write_tensor_file(path, file.tensors, older)
    found = read_description(path)
    assert (found.data, found.curve, found.position.step) == (None, (), 5)


def test_speech_of_validation_that_is_trained_on(train, files, tmp_path):
    valid = files / "valid.csv"
    words = ["--train", valid, "--validation", valid]
    result = train(tmp_path / "run", *words)
    assert result.code == 2 and not (tmp_path / "run").exists()
    for what, names in (
        ("uids", "2 that {} has too: 'valid0', 'valid1'"),
        ("files", f"2 that {{}} has too: '{str(files)[:20]}"),  # long paths are shortened
        ("speakers", "2 that {} has too: 'valid speaker 0', 'valid speaker 1'"),
    ):
        assert f"error: {valid}: {what}: given {names.format(valid)}" in result.err
    assert len(result.err.splitlines()) == 3
