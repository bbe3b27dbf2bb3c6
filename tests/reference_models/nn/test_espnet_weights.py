"""Checkpoints of the recipe: the names they come under, and what is wrong with bad ones."""

import os
import pickle
import warnings

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.errors import InputError
from reference_models.nn.build import build
from reference_models.nn.espnet_weights import load_checkpoint, load_state_dict
from tests.reference_models.nn import golden
from tests.reference_models.nn.test_random_designs import EVERYTHING

G, V = "parametrizations.weight.original0", "parametrizations.weight.original1"
INPUT = "encoder.model.0.conv.conv."


@pytest.fixture(scope="module")
def design():
    return load_design("track1").design


@pytest.fixture(scope="module")
def state():
    return golden.state_dict(golden.vectors(1))


@pytest.fixture(scope="module")
def loaded(state, design):
    return load_state_dict(state, design, "plain").state_dict()


def same(codec, loaded):
    given = codec.state_dict()
    assert given.keys() == loaded.keys()
    return all(torch.equal(given[name], loaded[name]) for name in loaded)


@pytest.mark.parametrize("prefix", ["generator.", "codec.generator.", "module.codec.generator."])
def test_a_trainer_s_prefixes_discriminator_and_losses_are_left_out(state, design, loaded, prefix):
    model = {prefix + key: value for key, value in state.items()}
    trainer = prefix.removesuffix("generator.")
    model[f"{trainer}discriminator.discriminators.0.convs.0.bias"] = torch.zeros(16)
    model[f"{trainer}mel_loss.wav_to_mel.0.melmat"] = torch.zeros(4, 4)
    assert same(load_state_dict(model, design, "prefixed"), loaded)


def test_older_weight_norm_names_are_the_same_values(state, design, loaded):
    old = {key.replace(G, "weight_g").replace(V, "weight_v"): v for key, v in state.items()}
    assert f"{INPUT}weight_g" in old
    assert same(load_state_dict(old, design, "old"), loaded)


@pytest.mark.parametrize("wrapped", [lambda s: s, lambda s: {"model": s, "epoch": 3}])
def test_a_file_gives_what_its_state_dict_gives(state, design, loaded, tmp_path, wrapped):
    path = tmp_path / "checkpoint.pth"
    torch.save(wrapped(state), path)
    assert same(load_checkpoint(path, design), loaded)


def test_all_that_is_missing_unexpected_or_misshapen_is_reported_at_once(state, design):
    broken = dict(state)
    del broken[f"{INPUT}bias"]
    broken["encoder.model.99.conv.conv.bias"] = torch.zeros(3)
    broken["somewhere.else"] = torch.zeros(3)
    broken["decoder.model.21.conv.conv.bias"] = torch.zeros(2)
    broken[f"{INPUT}{G}"] = torch.full((8, 1, 1), float("nan"))
    broken["quantizer.vq.layers.0.project_in.bias"] = "twelve zeros"
    with pytest.raises(InputError) as error:
        load_state_dict(broken, design, "broken.pth")
    found = {p.field: (p.given, p.allowed) for p in error.value.problems}
    assert found == {
        f"{INPUT}bias": ("nothing", "a tensor of shape [8]"),
        "encoder.model.99.conv.conv.bias": ("a key", "the keys of this design's generator"),
        "somewhere.else": ("a key", "keys of the recipe's generator"),
        "decoder.model.21.conv.conv.bias": ("shape [2]", "shape [1]"),
        f"{INPUT}{G}": ("values that are not finite numbers", "finite floating-point numbers"),
        "quantizer.vq.layers.0.project_in.bias": ("'twelve zeros'", "a tensor of shape [12]"),
    }


def test_the_checkpoint_of_the_other_track_is_refused(state):
    with pytest.raises(InputError, match=r"quantizer\.vq\.layers\.0\.project_in\.weight"):
        load_state_dict(state, load_design("track2").design, "track1.pth")


class Malice:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def write_malicious_pickle(path, trace):
    path.write_bytes(pickle.dumps({"x": Malice(f"touch {trace}")}))


def write_malicious_checkpoint(path, trace):
    torch.save({"x": Malice(f"touch {trace}")}, path)


def write_noise(path, trace):
    path.write_bytes(os.urandom(1000))


def write_nothing(path, trace):
    path.write_bytes(b"")


def write_truncated(path, trace):
    torch.save({"x": torch.zeros(1000)}, path)
    path.write_bytes(path.read_bytes()[:-500])


def write_list(path, trace):
    torch.save([torch.zeros(3)], path)


def write_folder(path, trace):
    path.mkdir()


@pytest.mark.parametrize(
    "write",
    [
        write_malicious_pickle,
        write_malicious_checkpoint,
        write_noise,
        write_nothing,
        write_truncated,
        write_list,
        write_folder,
    ],
)
def test_what_is_no_state_dict_is_refused_without_running_it(design, tmp_path, write):
    path, trace = tmp_path / "bad.pth", tmp_path / "was-run"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write(path, trace)
    with pytest.raises(InputError) as error:
        load_checkpoint(path, design)
    assert len(error.value.problems) == 1
    assert not trace.exists()


def test_a_missing_file_is_named(design, tmp_path):
    with pytest.raises(InputError, match=r"none\.pth"):
        load_checkpoint(tmp_path / "none.pth", design)


def test_the_names_follow_the_order_of_the_recipe_s_layers():
    """Of a design with an input, LSTM, output and learnable skips on both sides."""
    with pytest.raises(InputError) as error:
        load_state_dict({}, EVERYTHING, "empty")
    names = {problem.field for problem in error.value.problems}
    expected = {
        "encoder.model.0.conv.conv.bias",
        "encoder.model.1.block.0.alpha",
        "encoder.model.1.block.3.conv.conv.bias",
        "encoder.model.1.shortcut.conv.conv.bias",
        "encoder.model.2.alpha",
        "encoder.model.3.conv.conv.bias",
        "encoder.model.5.conv.conv.bias",
        "encoder.model.6.lstm.weight_ih_l0",
        "encoder.model.6.lstm.weight_hh_l1",
        "encoder.model.7.alpha",
        "encoder.model.8.conv.conv.bias",
        "quantizer.vq.layers.2.project_out.bias",
        "quantizer.vq.layers.2._codebook.embed",
        "decoder.model.0.conv.conv.bias",
        "decoder.model.1.lstm.bias_ih_l0",
        "decoder.model.2.weight",
        "decoder.model.3.convtr.convtr.bias",
        "decoder.model.5.convtr.convtr.bias",
        "decoder.model.6.block.1.conv.conv.bias",
        "decoder.model.6.shortcut.conv.conv.bias",
        "decoder.model.7.weight",
        "decoder.model.8.conv.conv.bias",
    }
    assert expected <= names
    assert len(names) == len(build(EVERYTHING).state_dict())
