"""Codecs in C against the PyTorch models, in small: every kind of operation, and random designs."""

from itertools import product

import numpy as np
import pytest
import torch

from lrac_audit.design.parts import Quantizer
from reference_models.export.codec import programs_of
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.reference_models.export.c.running import QUICK, UNDEFINED, Compiled
from tests.reference_models.export.interpreter import decoded, encoded
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.spectral_designs import SPECTRAL, doubtful_phases
from tests.reference_models.export.test_programs import QUANTIZER_TEXTS, has_programs
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.quantizer_designs import design_of
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.rounding import Reference
from tests.sweeps import random_cases, slow_in_sweep, thinned

pytestmark = pytest.mark.usefixtures("c_compiler")


def check(design, *lengths, flags=QUICK):
    codec = filled_codec(design, seed=1)
    compiled, programs = Compiled(codec, flags), programs_of(codec)
    random = np.random.default_rng(7)
    for samples, layers in product(lengths, {1, design.quantizer.layers}):
        shape = design.audio_channels, samples
        audio = 0.3 * random.standard_normal(shape).astype(np.float32)
        count = len(design.quantizer.index_sizes(layers))
        expected = encoded(programs.transmit, audio, layers)[:count]
        check_codes(codec, compiled.encode(audio, layers), expected, audio)
        check_audio(compiled.decode(expected), decoded(programs.receive, expected, layers))


def check_codes(codec, found, expected, audio):
    """Codes are equal; of distances, where two are nearly so, rounding may choose."""
    if isinstance(codec.design.quantizer, Quantizer):
        clip = torch.tensor(audio)[None]
        Reference(codec).check_codes(
            torch.tensor(found)[:, None], torch.tensor(expected)[:, None], clip
        )
    else:
        np.testing.assert_array_equal(found, expected)


def check_audio(found, expected):
    scale = max(float(np.abs(expected).max()), 1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * scale)


FLAGS = [QUICK, pytest.param(("-O1", *UNDEFINED), marks=pytest.mark.sweep)]


@pytest.mark.parametrize("flags", FLAGS)
def test_everything_at_once(flags):
    check(EVERYTHING, 1, 6 * 6, 6 * 6 + 5, flags=flags)


@pytest.mark.parametrize("flags", FLAGS)
def test_layers_of_lists(flags):
    """Attention reaches beyond both ends of the shorter clip."""
    check(listed_design(), 7, 5 * 240 + 7, flags=flags)


BY_DEFAULT = "factors 2 and 3", "twice a prime number", "cosines"
OPTIMISED = "a frame a hop", "an odd number", "cosines of factors 3 and 5"
TRANSFORMS = [(name, ("-O2", *UNDEFINED) if name in OPTIMISED else QUICK) for name in SPECTRAL]
IN_SWEEP = [case for case in TRANSFORMS if case[0] not in BY_DEFAULT]


@pytest.mark.parametrize(("name", "flags"), slow_in_sweep(TRANSFORMS, *IN_SWEEP))
def test_transforms(name, flags):
    """A compiler that optimises warns of more."""
    design = SPECTRAL[name]
    check(design, 1, 3 * design.hop_samples + 1, flags=flags)


@pytest.mark.parametrize("window", [15, 20])
def test_phases_that_rounding_must_not_decide(window):
    design, audio = doubtful_phases(window)
    codec = filled_codec(design, seed=1)
    found = Compiled(codec).encode(audio, codec.design.quantizer.layers)
    np.testing.assert_array_equal(found, codec.encode(torch.tensor(audio)[None])[:, 0].numpy())


@pytest.mark.parametrize("quantizer", thinned(QUANTIZER_TEXTS, 3))
def test_every_quantizer(quantizer):
    check(design_of(quantizer), 5 * 240 + 7)


def test_the_first_of_equal_codewords_is_chosen():
    """Of 43 codewords, panels of 16, 16, 8 and 1, the last 21 repeat the first."""
    design = design_of("{codebook_size: 43, layers: 1}")
    codec = filled_codec(design, seed=1)
    embed = codec.quantizer.layers[0].search.embed
    embed[22:] = embed[:21]
    audio = np.random.default_rng(7).standard_normal((1, 60 * 240)).astype(np.float32)
    codes = Compiled(codec).encode(audio, 1)
    np.testing.assert_array_equal(codes, codec.encode(torch.tensor(audio)[None])[:, 0].numpy())
    assert codes.max() < 22 and len(np.unique(codes)) > 5


def check_random(design):
    check(design, 3 * design.hop_samples + 1)


test_random_designs = random_cases(designs(), 1, 30)(check_random)
test_random_lists = random_cases(list_designs().filter(has_programs), 1, 10)(check_random)
