"""Graphs in ONNX Runtime, against the PyTorch models and the ledger."""

import math
from copy import deepcopy

import numpy as np
import pytest
import torch
import yaml

from lrac_audit.design.formats import load_design, read_design_data
from reference_models.export.codec import programs_of
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.reference_models.export.interpreter import Interpreter
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.spectral_designs import SPECTRAL, doubtful_phases
from tests.reference_models.export.test_programs import QUANTIZER_TEXTS, has_programs
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.listed import document
from tests.reference_models.nn.quantizer_designs import design_of
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.rounding import FACTOR, Reference, nudged
from tests.sweeps import random_cases

pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from reference_models.export.onnx.engine import open_graph
from reference_models.export.onnx.graph import model_of
from tests.reference_models.export.onnx.clips import decoded, encoded, stream_of

DESIGNS = {name: load_design(name).design for name in ("track1", "track2")}
DESIGNS["everything"] = EVERYTHING


SINGLE_ROUNDING = 2.0**-20
"""Change of weights that shows how a function amplifies errors of single precision."""


def audio_of(design, samples):
    generator = torch.Generator().manual_seed(5)
    return 0.3 * torch.randn((1, design.audio_channels, samples), generator=generator)


def check(design, *lengths):
    """Compare the codes of clips and the audio of the bitrate modes, by the same two graphs.

    ELU is ``exp(x) - 1``, so that audio has the rounding of 1 and not that of its own size.
    """
    codec = filled_codec(design, seed=1)
    programs, reference = programs_of(codec), Reference(codec)
    sending, receiving = (stream_of(codec, program) for program in programs)
    for samples in lengths:
        audio = audio_of(design, samples)
        codes = codec.encode(audio)
        found = encoded(sending, programs.transmit, audio[0].numpy())
        reference.check_codes(torch.tensor(found)[:, None], codes, audio)
        for layers in {1, design.quantizer.layers}:
            active = codes[: len(design.quantizer.index_sizes(layers))]
            heard = decoded(receiving, programs.receive, active[:, 0].numpy())
            whole = codec.decode(active)[0].numpy()
            np.testing.assert_allclose(heard, whole, rtol=0, atol=1e-5 * np.abs(whole).max())


@pytest.mark.parametrize("name", DESIGNS)
def test_a_graph_gives_the_codes_and_audio_of_the_model(name):
    check(DESIGNS[name], 6 * 240 + 77, 1)


STATES = {"track1": (24_510, 16_480), "track2": (72_118, 24_464)}
"""Published state values of both sides, with what skip paths hold: 23,870 + 640 and so on."""


@pytest.mark.parametrize("at_edges", [False, True])
@pytest.mark.parametrize("name", STATES)
def test_states_are_inputs_and_outputs_and_as_many_as_the_ledger_has(name, at_edges):
    programs = programs_of(filled_codec(DESIGNS[name], 1))
    for program, count in zip(programs, STATES[name], strict=True):
        graph = model_of(program, {}, at_edges).graph
        given, written = (
            {v.name: shape_of(v) for v in each} for each in (graph.input, graph.output)
        )
        states = {name: shape for name, shape in given.items() if name.startswith("state.")}
        assert sum(math.prod(shape) for shape in states.values()) == count
        renewed = {name.replace("next.", "state."): shape for name, shape in written.items()}
        assert dict(list(renewed.items())[1:]) == states


def shape_of(value):
    return tuple(axis.dim_value for axis in value.type.tensor_type.shape.dim)


def check_as_conditioned(design):
    """Compare what rounding of weights does not change: norms may amplify it beyond all bounds."""
    codec, audio = filled_codec(design, seed=1), audio_of(design, 3 * design.hop_samples + 1)
    programs, exact = programs_of(codec), deepcopy(codec).double()
    sending, receiving = (stream_of(codec, program) for program in programs)
    others = [nudged(exact, SINGLE_ROUNDING, seed) for seed in range(3)]
    codes = exact.encode(audio.double())
    found = torch.tensor(encoded(sending, programs.transmit, audio[0].numpy()))
    stable = torch.stack([each.encode(audio.double()) == codes for each in others]).all(0).all(0)
    assert torch.equal(found[:, stable[0]], codes[:, 0, stable[0]])
    expected = exact.decode(codes)[0]
    change = max(float((each.decode(codes)[0] - expected).abs().max()) for each in others)
    heard = decoded(receiving, programs.receive, codes[:, 0].numpy())
    bound = max(FACTOR * change, 1e-5 * float(expected.abs().max()))
    assert float((torch.tensor(heard) - expected).abs().max()) <= bound


test_graphs_of_random_designs = random_cases(designs(), 3, 30)(check_as_conditioned)
test_graphs_of_random_lists = random_cases(list_designs().filter(has_programs), 3, 30)(
    check_as_conditioned
)


@pytest.mark.parametrize("name", SPECTRAL)
def test_graphs_of_transforms(name):
    design = SPECTRAL[name]
    check(design, 1, 3 * design.hop_samples + 1)


@pytest.mark.parametrize("window", [15, 20])
def test_phases_that_rounding_must_not_decide(window):
    design, audio = doubtful_phases(window)
    codec = filled_codec(design, seed=1)
    program = programs_of(codec).transmit
    found = encoded(stream_of(codec, program), program, audio)
    np.testing.assert_array_equal(found, codec.encode(torch.tensor(audio)[None])[:, 0].numpy())


def test_attention_and_noise():
    """Attention reaches beyond both ends of the shorter clip."""
    check(listed_design(), 7, 5 * 240 + 7)


def test_noise_goes_on_after_more_steps_than_single_precision_counts():
    design = read_design_data(yaml.safe_dump(document([], [{"noise": {}}]))).design
    program = programs_of(filled_codec(design, 1)).receive
    session, exact = open_graph(model_of(program, {}).SerializeToString()), Interpreter(program)
    exact.states["decoder.layers.0.noise"][:] = 3_000_000_001
    codes, number = np.ones((2, 1, 1), np.int64), np.full((1, 1), 3_000_000_001)
    heard, next_number = session.run(None, {"codes": codes, "state.decoder.layers.0.noise": number})
    (expected,) = exact.run(list(codes))
    np.testing.assert_allclose(heard[0], expected.T, rtol=0, atol=1e-5 * np.abs(expected).max())
    assert next_number == 3_000_000_002


@pytest.mark.parametrize("quantizer", QUANTIZER_TEXTS)
def test_graphs_of_every_quantizer(quantizer):
    check(design_of(quantizer), 5 * 240 + 7)


@pytest.mark.sweep
def test_a_minute_of_noise_is_coded_as_the_model_codes_it():
    codec = filled_codec(DESIGNS["track1"], seed=1)
    programs, audio = programs_of(codec), audio_of(codec.design, 60 * 24_000)
    sending, receiving = (stream_of(codec, program) for program in programs)
    codes = codec.encode(audio)
    found = torch.tensor(encoded(sending, programs.transmit, audio[0].numpy()))[:, None]
    different = int((found != codes).sum())
    # So many have two codewords whose distances differ by less than single precision shows.
    assert different <= 10, f"{different} of {codes.numel()} codes differ"
    Reference(codec).check_codes(found, codes, audio)
    heard = torch.tensor(decoded(receiving, programs.receive, codes[:, 0].numpy()))
    torch.testing.assert_close(heard, codec.decode(codes)[0], rtol=0, atol=1e-5)
