"""Checkpoints: what comes back, what is refused, and what a full disk leaves."""

import json
import resource
import signal

import pytest
import torch
from safetensors import safe_open

from lrac_audit.errors import InputError
from reference_models.nn.weights import load_codec
from reference_models.training.checkpoint import load_checkpoint, save_checkpoint
from reference_models.training.configuration_file import configuration_tree, load_configuration
from reference_models.training.models import build_models
from reference_models.training.resumption import begin, resume
from reference_models.training.run_description import Description, Position, read_description
from reference_models.training.run_folder import RunFolder
from tests.reference_models.training.conftest import ALONE, speech_batch
from tests.tensors import assert_equal_tensors

DESCRIPTION = Description(Position(3, 4, 5), {"name": "x"}, {"verdict": "pass"}, {"mean": 0.5})


@pytest.fixture
def trained(models):
    models.stepper.step(speech_batch(), 1)  # so that the second layer has no moments
    return models


def everything(models):
    """All tensors, by where they belong."""
    optimizers = (models.codec_optimizer, models.adversary.optimizer)
    networks = (models.codec, models.adversary.discriminators)
    tensors = {(0, i, k): v for i, n in enumerate(networks) for k, v in n.state_dict().items()}
    for i, optimizer in enumerate(optimizers):
        for j, memory in optimizer.state_dict()["state"].items():
            tensors |= {(1, i, j, name): value for name, value in memory.items()}
    return tensors


def test_what_is_saved_comes_back(trained, configuration, tmp_path):
    path = tmp_path / "a b.safetensors"
    save_checkpoint(path, trained, DESCRIPTION)
    other = build_models(configuration, ALONE)
    load_checkpoint(path, other)
    expected, found = everything(trained), everything(other)
    assert sum(key[0] for key in found) > 20
    assert_equal_tensors(found, expected)
    assert read_description(path) == DESCRIPTION
    assert read_description(path).position.step == 5


def test_audit_and_configuration_are_inside(trained, tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, trained, DESCRIPTION)
    with safe_open(path, "pt") as file:  # with no code of this project
        assert json.loads(file.metadata()["audit"]) == {"verdict": "pass"}
        assert json.loads(file.metadata()["configuration"]) == {"name": "x"}


def test_of_another_design(trained, tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, trained, DESCRIPTION)
    before = everything(build_models(load_configuration("debug"), ALONE))
    other = build_models(load_configuration("debug"), ALONE)
    with pytest.raises(InputError) as error:
        load_checkpoint(path, other)
    fields = [problem.field for problem in error.value.problems]
    assert "codec.quantizer.layers.5.search.embed" in fields and len(fields) > 10
    assert_equal_tensors(everything(other), before)


def test_resuming_with_another_configuration_names_what_differs(trained, configuration, tmp_path):
    folder = RunFolder(tmp_path)
    tree = configuration_tree(configuration)
    description = DESCRIPTION._replace(configuration=tree)
    save_checkpoint(folder.last, trained, description)
    changed = json.loads(json.dumps(tree))
    changed["epochs"], changed["seed"] = 99, 4
    changed["design"]["quantizer"]["codebook_size"] = 16
    with pytest.raises(InputError) as error:
        resume(folder, changed, {}, False)
    assert {(p.field, p.given) for p in error.value.problems} == {
        ("seed", "3"),
        ("design.quantizer.codebook_size", "8"),
    }
    assert resume(folder, {**tree, "epochs": 99}, {}, False).position == Position(3, 4, 5)


@pytest.mark.parametrize("content", [b"", b"x" * 1000, None])
def test_what_is_no_checkpoint(content, trained, tmp_path):
    path = tmp_path / "c.safetensors"
    if content is None:  # a checkpoint that was cut off
        save_checkpoint(path, trained, DESCRIPTION)
        content = path.read_bytes()[:-10]
    path.write_bytes(content)
    with pytest.raises(InputError, match="allowed: a safetensors file"):
        load_checkpoint(path, trained)


def test_weights_are_no_checkpoint(trained, configuration, tmp_path):
    folder = RunFolder(tmp_path)
    folder.save(trained, DESCRIPTION, keep_best=1)
    with pytest.raises(InputError, match="format: given 'lrac-codec'; allowed: lrac-training"):
        load_checkpoint(folder.weights, trained)


def test_a_checkpoint_is_no_weights_and_says_how_to_get_them(trained, tmp_path):
    save_checkpoint(tmp_path / "c.safetensors", trained, DESCRIPTION)
    with pytest.raises(InputError, match="allowed: lrac-codec; `lrac-codec export-weights` takes"):
        load_codec(tmp_path / "c.safetensors")


def test_moments_that_are_cut_short(trained, tmp_path):
    from safetensors.torch import load_file, save_file

    path = tmp_path / "c.safetensors"
    save_checkpoint(path, trained, DESCRIPTION)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    name = "discriminators_optimizer.each.0.last.bias.exp_avg"
    del tensors[name]
    tensors["codec.surprise"] = torch.zeros(1)
    save_file(tensors, path, metadata)
    with pytest.raises(InputError, match="given nothing; allowed: a tensor of") as error:
        load_checkpoint(path, trained)
    assert {problem.field for problem in error.value.problems} == {name, "codec.surprise"}


def test_a_full_disk_leaves_the_last_good_one(trained, tmp_path):
    folder = RunFolder(tmp_path)
    folder.save(trained, DESCRIPTION, keep_best=2)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert before.keys() == {"last.safetensors", "epoch-00003.safetensors", "best.safetensors"}
    size = folder.last.stat().st_size
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))
    try:
        with pytest.raises(InputError, match=r"epoch-00004\.safetensors: given a path that fails"):
            folder.save(trained, DESCRIPTION._replace(position=Position(4, 0, 9)), keep_best=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_best_and_last_are_kept(models, tmp_path):
    folder = RunFolder(tmp_path)
    found = []
    for epoch, loss in enumerate([0.5, 0.3, 0.4, 0.6, 0.2, 0.7], start=1):
        with torch.no_grad():
            models.codec.quantizer.layers[0].search.embed.fill_(epoch)
        position = Position(epoch, 0, epoch)
        found.append(
            folder.save(models, Description(position, {}, {}, {"mean": loss}), keep_best=3)
        )
    assert found == [True, True, False, False, True, False]
    names = [path.name for path in folder.ranking()]
    assert names == [f"epoch-0000{n}.safetensors" for n in (5, 2, 3)]
    assert read_description(folder.last).position.epoch == 6
    assert (load_codec(folder.weights).quantizer.layers[0].search.embed == 5).all()


def test_inside_an_epoch_only_the_last_is_written(models, tmp_path):
    folder = RunFolder(tmp_path)
    assert not folder.save(models, DESCRIPTION._replace(validation=None), keep_best=3)
    assert [path.name for path in tmp_path.iterdir()] == ["last.safetensors"]


def test_a_folder_that_holds_a_run_is_not_begun_again(models, tmp_path):
    folder = RunFolder(tmp_path)
    assert begin(folder).position == Position(0, 0, 0)
    folder.save(models, DESCRIPTION, keep_best=1)
    with pytest.raises(
        InputError, match="a folder that holds a run; allowed: a new folder, or --r"
    ):
        begin(folder)
