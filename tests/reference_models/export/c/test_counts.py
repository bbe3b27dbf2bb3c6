"""What a build with counters counts while it runs, against the ledger and against hand counts.

The baselines are counted by the sessions of docs/codecs-in-c.md too.
"""

from functools import cache

import pytest

from lrac_audit.design.formats import load_design
from lrac_audit.ledger.fourier import butterflies
from reference_models.audit.counted_code import counted_code
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.spectral_designs import SPECTRAL
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.sweeps import slow_in_sweep

pytestmark = pytest.mark.usefixtures("c_compiler")

DESIGNS = {name: load_design(name).design for name in ("track1", "track2")}
DESIGNS |= {"everything": EVERYTHING, "lists": listed_design()}
DESIGNS |= {"spectra": SPECTRAL["a power of 2"], "cosines": SPECTRAL["cosines"]}


@cache
def counted(name):
    design = DESIGNS[name]
    return counted_code(design, design.quantizer.layers)


def operations(name):
    """Return the operations of each row, in the order of the counters."""
    return {row: list(work.operations.values()) for row, work in counted(name).rows.items()}


@pytest.mark.parametrize("name", slow_in_sweep(DESIGNS, "track1", "track2", "cosines"))
def test_multiply_accumulates_of_a_frame_are_those_of_the_ledger(name):
    code = counted(name)
    found = {row: work.operations["multiply_adds"] for row, work in code.rows.items()}
    assert found.keys() >= {f"{row.side} {row.name}" for row in code.ledger.rows}
    assert sum(found.values()) > 0
    for row in code.ledger.rows:
        assert found.pop(f"{row.side} {row.name}") == row.macs_per_frame, row.name
    assert not any(found.values()) and code.doubts == []


def test_other_operations_are_counted_where_they_are():
    """By hand: 'everything' ends with a convolution of 4 to 2 channels and a tanh, in 6 rows."""
    found = operations("everything")
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
    found = operations("spectra")
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
