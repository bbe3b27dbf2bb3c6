"""Programs of one frame, run plainly, against the streaming models and the ledger."""

import pytest
import torch

from lrac_audit.design.formats import load_design
from lrac_audit.ledger import walk
from reference_models.export.codec import programs_of
from tests.random_designs import designs
from tests.reference_models.export.interpreter import decoded, encoded
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.rounding import Reference
from tests.sweeps import random_cases

DESIGNS = {name: load_design(name).design for name in ("track1", "track2")}
DESIGNS["everything"] = EVERYTHING


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
        found = encoded(programs.transmit, audio[0].numpy(), layers)
        Reference(codec).check_codes(torch.tensor(found)[:, None], codes, audio)
        expected = codec.decode(codes)[0]
        torch.testing.assert_close(
            torch.tensor(decoded(programs.receive, codes[:, 0].numpy())),
            expected,
            atol=1e-5 * max(float(expected.abs().max()), 1),
            rtol=0,
        )
    check_states(design, programs)


def check_states(design, programs):
    """Compare the states of a program with the ledger's, row by row."""
    for program in programs:
        kept, held = {}, {}
        for name, state in program.states.items():
            row = name.removesuffix(".hidden").removesuffix(".cell")
            where = held if state.is_held else kept
            values = (state.rows - state.waiting_rows) * state.columns
            where[row] = where.get(row, 0) + values
        rows = [row for row in walk(design, "absorbed", program.layers).rows]
        rows = [row for row in rows if row.side == program.side]
        assert {r: n for r, n in kept.items() if n} == {
            row.name: row.state_values for row in rows if row.state_values
        }
        assert held == {row.name: row.held_values for row in rows if row.held_values}


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("samples", [1, 6 * 240 + 77])
def test_a_program_gives_the_codes_and_audio_of_the_model(name, samples):
    check(DESIGNS[name], samples)


def check_random(design):
    check(design, 3 * design.hop_samples + 1)


test_programs_of_random_designs = random_cases(designs(), 10, 30)(check_random)
