"""The models against the public recipe's own, to the last code index.

The published vectors are the float32 path here: they say what rounding amounts to.
"""

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.absorb import absorb
from reference_models.nn.conv import fold_weight_norm
from reference_models.nn.espnet_weights import load_state_dict
from tests.reference_models.nn import golden
from tests.rounding import Reference, assert_rounded

PARAMETERS = {1: (441_826, 256_392, 161_362, 24_072), 2: (1_604_962, 1_151_656, 359_082, 94_224)}
FOLDED = {1: (255_392, 160_369), 2: (1_149_552, 357_453)}


class Case:
    def __init__(self, track):
        self.track = track
        self.vectors = golden.vectors(track)
        self.audio = torch.from_numpy(self.vectors["audio"])[None, None]
        design = load_design(f"track{track}").design
        self.trained = load_state_dict(golden.state_dict(self.vectors), design, "golden").eval()
        self.reference = Reference(self.trained)

    def codes(self, name):
        return torch.from_numpy(self.vectors[f"codes_{name}"]).long()[:, None]

    def check_codes(self, codes, name):
        self.reference.check_codes(codes, self.codes(name), self.audio)

    def check_audio(self, decoded, name):
        expected = torch.from_numpy(self.vectors[f"decoded_{name}"])[None, None]
        exact = self.reference.exact.decode(self.codes(name))
        assert decoded.shape == (1, 1, 7200)
        assert_rounded(decoded, expected, exact)


@pytest.fixture(scope="module", params=[1, 2])
def case(request):
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


def test_the_latent_is_that_of_the_public_encoder(case):
    with torch.inference_mode():
        latent, exact = (
            codec.encoder(case.audio.to(dtype))[0]
            for codec, dtype in (
                (case.trained, torch.float32),
                (case.reference.exact, torch.float64),
            )
        )
    assert_rounded(latent, torch.from_numpy(case.vectors["latent"]), exact)


@pytest.mark.parametrize(("name", "layers"), [("6kbps", 6), ("1kbps", 1)])
def test_every_code_and_the_audio_are_those_of_the_public_codec(case, name, layers):
    codes = case.trained.encode(case.audio, layers)
    case.check_codes(codes, name)
    case.check_audio(case.trained.decode(case.codes(name)), name)


@pytest.mark.parametrize(("name", "layers"), [("6kbps", 6), ("1kbps", 1)])
def test_the_absorbed_form_gives_the_public_codes_too(case, name, layers):
    halves = absorb(case.trained)
    codes = halves.transmit.encode(case.audio, layers)
    case.check_codes(codes, name)
    case.check_audio(halves.receive.decode(case.codes(name)), name)


def test_a_folded_state_dict_loads_to_the_same_function(case):
    design = case.trained.design
    state = golden.state_dict(case.vectors)
    for key in [key for key in state if key.endswith("original1")]:
        layer = key.removesuffix("parametrizations.weight.original1")
        v, g = state.pop(key), state.pop(key.replace("original1", "original0"))
        state[layer + "weight"] = g * v / v.flatten(1).norm(dim=1).view(-1, 1, 1)
    codec = load_state_dict(state, design, "folded").eval()
    fold_weight_norm(codec)
    case.check_codes(codec.encode(case.audio, 6), "6kbps")
