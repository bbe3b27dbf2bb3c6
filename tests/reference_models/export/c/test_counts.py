"""What a build with counters counts while it runs, against the ledger."""

import ctypes
from functools import cache

import numpy as np
import pytest

from lrac_audit.design.formats import load_design
from lrac_audit.ledger import walk
from lrac_audit.ledger.fourier import butterflies
from tests.reference_models.export.c.running import QUICK, Compiled
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.spectral_designs import SPECTRAL
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.sweeps import slow_in_sweep

pytestmark = pytest.mark.usefixtures("c_compiler")

START_FRAMES = 12
"""By then every look-ahead of these designs is over."""
KINDS = 7
"""Counters of a row; the first counts multiply-accumulates."""
DESIGNS = {name: load_design(name).design for name in ("track1", "track2")}
DESIGNS |= {"everything": EVERYTHING, "lists": listed_design()}
DESIGNS |= {"spectra": SPECTRAL["a power of 2"], "cosines": SPECTRAL["cosines"]}


class Counting:
    """A codec that counts, in a stream of silence."""

    def __init__(self, design):
        self.compiled = Compiled(filled_codec(design, seed=1), (*QUICK, "-DLRAC_COUNT"))
        parts = self.compiled.parts
        self.rows = len(
            {(part.program.side, op.row) for part in parts for op in part.program.operations}
        )
        transmit, receive = self.compiled.streams()
        layers = design.quantizer.layers
        audio = np.zeros((design.audio_channels, design.hop_samples), np.float32)
        codes = np.zeros((len(design.quantizer.index_sizes(layers)), 1), np.int64)
        for _ in range(START_FRAMES):
            before = self.counts()
            transmit.frame(audio, layers)
            receive.frame(codes)
        self.of_frame = {row: count - before[row] for row, count in self.counts().items()}
        """The counters ``[kinds]`` of each row, in the last frame."""

    def counts(self):
        """Return the counters ``[kinds]`` of each row."""
        counts = (ctypes.c_uint64 * (KINDS * self.rows)).in_dll(
            self.compiled.library, "lrac_counts"
        )
        names = (ctypes.c_char_p * self.rows).in_dll(self.compiled.library, "lrac_row_names")
        values = np.array(counts).reshape(self.rows, KINDS)
        return {name.decode(): row for name, row in zip(names, values, strict=True)}


@cache
def counting(name):
    return Counting(DESIGNS[name])


@pytest.mark.parametrize("name", slow_in_sweep(DESIGNS, "track2", "cosines"))
def test_multiply_accumulates_of_a_frame_are_those_of_the_ledger(name):
    design = DESIGNS[name]
    found = {row: int(count[0]) for row, count in counting(name).of_frame.items()}
    rows = walk(design, "absorbed", design.quantizer.layers).rows
    expected = {f"{row.side} {row.name}": row.macs_per_frame for row in rows}
    assert {row: count for row, count in found.items() if count} == {
        row: count for row, count in expected.items() if count
    }


def test_other_operations_are_counted_where_they_are():
    """By hand: 'everything' ends with a convolution of 4 to 2 channels and a tanh, in 6 rows."""
    found = {row: count.tolist() for row, count in counting("everything").of_frame.items()}
    # multiply-adds, additions, multiplications, divisions, comparisons, roots, transcendentals
    assert found["receive decoder.final_activation"] == [0, 12, 0, 12, 0, 0, 12]
    assert found["receive decoder.output"] == [6 * 7 * 4 * 2, 6 * 2, 0, 0, 0, 0, 0]


def test_a_fourier_transform_takes_less_than_its_butterflies():
    """By hand: spectra of 17 bins of 32 samples in two channels, which are 16 complex values each.

    Two stages of factor 4 take 4 times 16 sums each, and between them 9 products of complex
    numbers, of 4 products and 2 sums. Splitting pairs takes 2 sums, and 10 sums and 8 products for
    each of 8 pairs of bins; putting them together, which leaves out halves, 4 products. A window
    takes 32 products, and an overlap 32 sums.
    """
    found = {row: count.tolist() for row, count in counting("spectra").of_frame.items()}
    sums, products = 2 * 64 + 9 * 2, 9 * 4
    front = sums + 82, products + 64
    # multiply-adds, additions, multiplications, divisions, comparisons, roots, transcendentals;
    # a bin's energy, its logarithm and its phase, whose two zeros get no sign
    assert found["transmit encoder.layers.0.stft"] == [
        0,
        2 * (front[0] + 17 * 3),
        2 * (front[1] + 32 + 17 * 3),
        *(0, 2 * 17, 0, 2 * 17 * 2),
    ]
    assert found["receive decoder.layers.1.istft"] == [
        0,
        2 * (sums + 82 + 32),
        2 * (products + 32 + 32 + 17 * 2),
        *(0, 2 * 17, 0, 2 * 17 * 3),
    ]
    assert sum(front) < 10 * butterflies(32, real=True) == 400
