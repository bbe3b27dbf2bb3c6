"""Programs of one frame, run plainly, against the streaming models and the ledger."""

import numpy as np
import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.design.layers.parallel import Join
from lrac_audit.design.native import read_design
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import Sum
from lrac_audit.design.steps import layers as layers_of
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.ledger import walk
from reference_models.export.codec import programs_of
from reference_models.export.lowering import LAYERS, QUANTIZERS
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.reference_models.export.interpreter import decoded, encoded
from tests.reference_models.export.spectral_designs import SPECTRAL
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.quantizer_designs import design_of
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.sweeps import random_cases, slow_in_sweep

DESIGNS = {name: load_design(name).design for name in ("track1", "track2")}
DESIGNS["everything"] = EVERYTHING
QUANTIZER_TEXTS = [
    "{codebook_size: 8, layers: 2}",
    "{grouped_rvq: {groups: 2, codebook_size: 8, codebook_dim: 3, layers: 2}}",
    "{split_rvq: {layers: 3, codebook_size: 8, codebook_dim: 3}}",
    "{multi_scale: {strides: [4, 2, 1], codebook_size: 8, codebook_dim: 3}}",
    "{fsq: {levels: [5, 4, 3], layers: 2}}",
    "{lookup_free: {bits: 6, layers: 2}}",
]


@pytest.fixture(autouse=True)
def double_precision():
    """Let models compute their constants, such as windows, in double precision too."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def audio_of(design, samples):
    generator = torch.Generator().manual_seed(5)
    shape = 1, design.audio_channels, samples
    return 0.3 * torch.randn(shape, generator=generator, dtype=torch.float64)


def check(design, samples):
    codec = filled_codec(design, seed=1, dtype=torch.float64)
    programs = programs_of(codec)
    audio = audio_of(design, samples)
    for layers in {1, design.quantizer.layers}:
        codes = codec.encode(audio, layers)
        found = encoded(programs.transmit, audio[0].numpy(), layers)[: len(codes)]
        assert found.shape == (len(codes), codes.shape[2])
        # In double precision both choose alike, but for ties, which random values do not have.
        np.testing.assert_array_equal(found, codes[:, 0].numpy())
        expected = codec.decode(codes)[0].numpy()
        heard = decoded(programs.receive, codes[:, 0].numpy(), layers)
        scale = max(float(np.abs(expected).max()), 1)
        np.testing.assert_allclose(heard, expected, rtol=0, atol=1e-9 * scale)
    check_states(design, programs)


def check_states(design, programs):
    """Compare the states of a program with the ledger's, row by row."""
    for program in programs:
        ledger = walk(design, "absorbed", program.layers)
        rows = {row.name: row for row in ledger.rows if row.side == program.side}
        kept, held = dict.fromkeys(rows, 0), dict.fromkeys(rows, 0)
        for op in program.operations:
            assert op.row in rows
            for state in map(program.states.get, op.keeps):
                where = held if state.is_held else kept
                where[op.row] += (state.rows - state.waiting_rows) * state.columns
        assert kept == {name: row.state_values for name, row in rows.items()}
        assert held == {name: row.held_values for name, row in rows.items()}


CASES = [(name, samples) for name in DESIGNS for samples in (1, 3 * 240 + 77)]


@pytest.mark.parametrize(("name", "samples"), slow_in_sweep(CASES, *CASES[1:3]))
def test_a_program_gives_the_codes_and_audio_of_the_model(name, samples):
    check(DESIGNS[name], samples)


@pytest.mark.parametrize("quantizer", QUANTIZER_TEXTS)
def test_programs_of_every_quantizer(quantizer):
    check(design_of(quantizer), 5 * 240 + 7)


@pytest.mark.parametrize("name", SPECTRAL)
@pytest.mark.parametrize("frames", [0, 3])
def test_programs_of_transforms(name, frames):
    """One sample in a frame leaves only signs of zeros in some imaginary parts."""
    design = SPECTRAL[name]
    check(design, frames * design.hop_samples + 1)


AS_WIDE_AS_ITS_STRIDE = """
lrac_audit_design: 1
name: kernels as wide as their strides
sample_rate_hz: 8000
encoder:
  layers:
    - conv: {kernel: 3, channels: 4}
    - conv: {kernel: 4, stride: 4, channels: 6}
quantizer: {codebook_size: 256, layers: 4}
decoder:
  layers: [{transposed_conv: {kernel: 4, stride: 4, channels: 1}}]
"""


@pytest.mark.parametrize("samples", [9, 10, 11, 12])
def test_a_window_that_keeps_nothing_reaches_beyond_the_end(samples):
    """What comes after the last step is no zero before it, but a bias."""
    check(read_design(parse_yaml(AS_WIDE_AS_ITS_STRIDE, "wide"), "wide"), samples)


def check_random(design):
    check(design, 3 * design.hop_samples + 1)


test_programs_of_random_designs = random_cases(designs(), 4, 30)(check_random)


def has_programs(design):
    """Return whether every kind of layer and quantizer of ``design`` can be exported."""
    steps = [step for part in signal_path(design) for step in layers_of(part)]
    inside = (Sum, Join)  # lowered with the composite around them
    kinds = {type(step.part) for step in steps if step.stage != "rvq"}.difference(inside)
    return kinds <= set(LAYERS.entries) and type(design.quantizer) in QUANTIZERS


test_programs_of_random_lists = random_cases(list_designs().filter(has_programs), 4, 60)(
    check_random
)
