"""What ``info`` says of runs and of their checkpoints, and the weights that a run gives out."""

import io
import itertools
import re

import pytest
from rich.console import Console

from lrac_audit.console.rich_screen import RichScreen
from reference_models.data.manifest_summary import ManifestSummary
from reference_models.training.checkpoint import save_checkpoint
from reference_models.training.run_description import (
    CurvePoint,
    Description,
    Position,
    read_description,
)
from reference_models.training.run_folder import RunFolder
from reference_models.training.run_summary import MAX_ROWS, curve_table

DATA = {"train": ManifestSummary(2_000, 1.25, "0123456789abcdef")}


def facts(text):
    """The lines of two columns before the curve, as a mapping."""
    lines = text.partition("\n\n")[0].splitlines()
    return dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines)


def points(*means):
    return tuple(CurvePoint(i, 9 * i, {"mean": mean}) for i, mean in enumerate(means, start=1))


def test_a_run_and_its_last_state(whole, run):
    _, folder = whole
    (kept,) = folder.glob("epoch-*")
    description = read_description(folder / "last.safetensors")
    best = read_description(kept)
    of_run = run("info", folder)
    assert (of_run.code, of_run.err) == (0, "")
    expected = {
        "configuration": "small",
        "codec": "small",
        "position": "2 of 2 epochs, step 18; finished",
        "best": f"epoch {best.position.epoch}, step {best.position.step}, "
        f"mel {best.validation['mean']:.4f}",
        "--train": f"3 files, 0.00 h, fingerprint {description.data['train'].fingerprint}",
    }
    found = facts(of_run.out)
    assert found.items() >= expected.items()
    assert found["format"] == "training run"
    assert found["best weights"] == str(folder / "best.safetensors")
    assert found["epochs kept"] == str(best.position.epoch)
    rows = [line.split() for line in of_run.out.partition("---\n")[2].splitlines()]
    curve = [(point.epoch, point.step, *point.mel.values()) for point in description.curve]
    assert [row[:5] for row in rows] == [
        [f"{epoch}", f"{step}", *(f"{loss:.4f}" for loss in mel)] for epoch, step, *mel in curve
    ]
    assert [row[0] for row in rows if row[5:] == ["best"]] == [str(best.position.epoch)]
    of_file = run("info", folder / "last.safetensors")
    assert (of_file.code, of_file.err) == (0, "") and facts(of_file.out).items() >= expected.items()
    assert facts(of_file.out)["format"] == "state of a training run"
    assert of_file.out.partition("\n\n")[2] == of_run.out.partition("\n\n")[2]
    assert facts(run("info", folder / "best.safetensors").out)["format"] == "weights"


def test_a_run_inside_its_second_epoch(models, run, tmp_path):
    configuration = {"name": "mine", "epochs": 9, "design": {"name": "big"}}
    curve = points(0.5, 0.25)
    save_checkpoint(
        tmp_path / "last.safetensors",
        models,
        Description(Position(2, 1, 2_019), configuration, {}, None, DATA, curve),
    )
    found = facts(run("info", tmp_path).out)
    assert found == {
        "format": "training run",
        "configuration": "mine",
        "codec": "big",
        "position": "2 of 9 epochs, step 2,019, 1 of them in epoch 3",
        "best": "epoch 2, step 18, mel 0.2500",
        "--train": "2,000 files, 1.25 h, fingerprint 0123456789abcdef",
        "epochs kept": "none yet",
    }


def test_bars_on_a_terminal():
    """0.25 is half of 0.5 and a bar of four cells of eight."""
    screen = RichScreen(Console(file=io.StringIO(), width=80, force_terminal=True))
    shown = screen.table(curve_table(points(0.5, 0.25)))
    assert "Share of the first" in shown
    (first,) = re.findall(r"100.0% (█+) ", shown)
    (second,) = re.findall(r"50.0% (█+) ", shown)
    assert (len(first), len(second)) == (8, 4)


@pytest.mark.parametrize("best", [1, 500, 613, 1325])
def test_a_long_curve_is_thinned_but_keeps_its_ends_and_the_best(best):
    means = [2.0] * 1325
    means[best - 1] = 1.0
    table = curve_table(points(*means))
    epochs = [int(row[0].replace(",", "")) for row in table.rows]
    assert len(epochs) <= MAX_ROWS and epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (1, 1325)
    assert [epoch for epoch, row in zip(epochs, table.rows, strict=True) if row[-1]] == [best]
    gaps = [b - a for a, b in itertools.pairwise(epochs)]
    assert max(gaps) <= 133  # 1,324 epochs in ten steps


def test_a_short_curve_is_shown_whole():
    assert [row[0] for row in curve_table(points(3.0, 2.0, 4.0)).rows] == ["1", "2", "3"]
    assert [row[-1] for row in curve_table(points(3.0)).rows] == ["best"]


def test_a_folder_without_a_run(run, tmp_path):
    result = run("info", tmp_path)
    assert result.code == 2 and "given a folder without a checkpoint" in result.err


def test_weights_of_a_kept_epoch_are_those_that_were_best(whole, run, tmp_path):
    _, folder = whole
    (epoch,) = RunFolder(folder).kept()
    out = tmp_path / "w.safetensors"
    result = run("export-weights", folder, "--epoch", epoch, "-o", out)
    assert (result.code, result.err) == (0, "") and result.out.startswith(
        f"{out}: weights of small"
    )
    assert out.read_bytes() == (folder / "best.safetensors").read_bytes()


def test_weights_go_beside_the_run_and_are_no_kept_epoch(models, run, configuration, tmp_path):
    from reference_models.nn.weights import load_codec
    from reference_models.training.configuration_file import configuration_tree

    folder = RunFolder(tmp_path)
    tree = configuration_tree(configuration)
    folder.save(models, Description(Position(7, 0, 5), tree, {}, {"mean": 0.5}), keep_best=1)
    assert run("export-weights", tmp_path, "--epoch", 7).code == 0
    assert run("export-weights", tmp_path).code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"weights-epoch-7.safetensors", "weights-last.safetensors"}
    assert folder.kept() == [7] and len(folder.ranking()) == 1
    assert load_codec(tmp_path / "weights-last.safetensors").design == configuration.design
    refused = run("export-weights", tmp_path, "--epoch", 6)
    assert (
        refused.code == 2 and "--epoch: given 6; allowed: an epoch that was kept: 7" in refused.err
    )
    before = folder.last.read_bytes()
    assert run("export-weights", tmp_path, "-o", folder.last).code == 2
    assert folder.last.read_bytes() == before
