"""The models against the public recipe's own, to the last code index."""

import numpy as np
import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.conv import fold_weight_norm
from reference_models.nn.espnet_weights import load_state_dict
from tests.reference_models.nn import golden

TOLERANCE = 2e-5

PARAMETERS = {1: (441_826, 256_392, 161_362, 24_072), 2: (1_604_962, 1_151_656, 359_082, 94_224)}
FOLDED = {1: (255_392, 160_369), 2: (1_149_552, 357_453)}


class Case:
    def __init__(self, track):
        self.track = track
        self.vectors = golden.vectors(track)
        self.audio = torch.from_numpy(self.vectors["audio"])[None, None]
        design = load_design(f"track{track}").design
        self.trained = load_state_dict(golden.state_dict(self.vectors), design, "golden").eval()


@pytest.fixture(scope="module", params=[1, 2])
def case(request):
    if not golden.FOLDER.is_dir():
        pytest.skip("the golden vectors lie beside the repository, in ../shared/golden")
    return Case(request.param)


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_trainable_parameters_are_those_measured_on_the_public_generator(case):
    codec = case.trained
    parts = (codec, codec.encoder, codec.decoder, codec.quantizer)
    assert tuple(count(part) for part in parts) == PARAMETERS[case.track]


def test_folding_leaves_one_weight_for_length_and_direction_and_the_same_latent(case):
    with torch.no_grad():
        before = case.trained.encoder(case.audio)
    folded = absorb(case.trained)
    assert (count(folded.transmit.encoder), count(folded.receive.decoder)) == FOLDED[case.track]
    with torch.no_grad():
        assert torch.equal(folded.transmit.encoder(case.audio), before)


def test_the_latent_is_that_of_the_public_encoder(case, record_property):
    with torch.inference_mode():
        latent = case.trained.encoder(case.audio)[0].numpy()
    error = np.abs(latent - case.vectors["latent"]).max()
    record_property("largest_error", float(error))
    assert latent.shape == case.vectors["latent"].shape
    assert error <= TOLERANCE


@pytest.mark.parametrize(("name", "layers"), [("6kbps", 6), ("1kbps", 1)])
def test_every_code_and_the_audio_are_those_of_the_public_codec(
    case, name, layers, record_property
):
    codes = case.trained.encode(case.audio, layers)
    expected = case.vectors[f"codes_{name}"]
    assert np.array_equal(codes[:, 0].numpy(), expected)
    decoded = case.trained.decode(codes)[0, 0].numpy()
    error = np.abs(decoded - case.vectors[f"decoded_{name}"]).max()
    record_property("largest_error", float(error))
    assert decoded.shape == (7200,)
    assert error <= TOLERANCE


@pytest.mark.parametrize(("name", "layers"), [("6kbps", 6), ("1kbps", 1)])
def test_the_absorbed_form_gives_the_public_codes_too(case, name, layers):
    halves = absorb(case.trained)
    codes = halves.transmit.encode(case.audio, layers)
    assert np.array_equal(codes[:, 0].numpy(), case.vectors[f"codes_{name}"])
    decoded = halves.receive.decode(codes)[0, 0].numpy()
    assert np.abs(decoded - case.vectors[f"decoded_{name}"]).max() <= TOLERANCE


def test_a_folded_state_dict_loads_to_the_same_function(case):
    design = case.trained.design
    state = golden.state_dict(case.vectors)
    for key in [key for key in state if key.endswith("original1")]:
        layer = key.removesuffix("parametrizations.weight.original1")
        v, g = state.pop(key), state.pop(key.replace("original1", "original0"))
        state[layer + "weight"] = g * v / v.flatten(1).norm(dim=1).view(-1, 1, 1)
    codec = load_state_dict(state, design, "folded").eval()
    fold_weight_norm(codec)
    assert np.array_equal(codec.encode(case.audio, 6)[:, 0].numpy(), case.vectors["codes_6kbps"])
