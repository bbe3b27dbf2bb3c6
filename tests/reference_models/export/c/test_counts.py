"""What a build with counters counts while it runs, against the ledger and against hand counts.

The baselines are counted by the sessions of docs/codecs-in-c.md too.
"""

from functools import cache

import pytest

from lrac_audit.design.formats import load_design
from reference_models.audit.counted_code import counted_code
from tests.reference_models.export.c.test_programs_in_c import listed_design
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.sweeps import slow_in_sweep

pytestmark = pytest.mark.usefixtures("c_compiler")

DESIGNS = {name: load_design(name).design for name in ("track1", "track2")}
DESIGNS |= {"everything": EVERYTHING, "lists": listed_design()}


@cache
def counted(name):
    design = DESIGNS[name]
    return counted_code(design, design.quantizer.layers)


@pytest.mark.parametrize("name", slow_in_sweep(DESIGNS, "track1", "track2"))
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
    found = {
        row: list(work.operations.values()) for row, work in counted("everything").rows.items()
    }
    # multiply-adds, additions, multiplications, divisions, comparisons, roots, transcendentals
    assert found["receive decoder.final_activation"] == [0, 12, 0, 12, 0, 0, 12]
    assert found["receive decoder.output"] == [6 * 7 * 4 * 2, 6 * 2, 0, 0, 0, 0, 0]
