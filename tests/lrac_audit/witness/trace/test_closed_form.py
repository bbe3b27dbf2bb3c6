"""The trace of a built model gives the rows of its design's closed form, one by one."""

import pytest
from hypothesis import given, settings

from lrac_audit.design.formats import load_design
from lrac_audit.ledger import walk
from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.trace.own_codec import (
    absorbed_targets,
    as_in_closed_form,
    trained_target,
)
from tests.lrac_audit.witness.trace.tracing import macs_by_name
from tests.random_designs import designs
from tests.sweeps import some_or_many

BASELINES = [("track1", 1), ("track1", 6), ("track2", 1), ("track2", 6)]


def sides(rows):
    return [tuple(row for row in rows if row.side == side) for side in ("transmit", "receive")]


def traced_sides(target):
    found = measure(target, target.modes[0])
    assert not found.problems
    assert not [row.problem for row in found.rows if row.problem]
    return [as_in_closed_form(rows) for rows in sides(found.rows)]


def expected_sides(design, rvq, layers):
    return [macs_by_name(rows) for rows in sides(walk(design, rvq, layers).rows)]


@some_or_many(3, 40)
def test_random_designs(cases):
    @settings(max_examples=cases)
    @given(designs())
    def check(design):
        layers = design.quantizer.mode_layers[-1]
        found = traced_sides(trained_target(design, layers))
        assert found == expected_sides(design, "projected", layers)

    check()


@some_or_many(3, 15)
def test_random_designs_absorbed(cases):
    @settings(max_examples=cases)
    @given(designs())
    def check(design):
        layers = design.quantizer.mode_layers[0]
        sender, receiver = absorbed_targets(design, layers)
        found = [traced_sides(sender)[0], traced_sides(receiver)[1]]
        assert found == expected_sides(design, "absorbed", layers)

    check()


@pytest.mark.sweep  # audits of the baselines with --verify compare the trace in every run
@pytest.mark.parametrize(("name", "layers"), BASELINES)
def test_baselines(name, layers):
    design = load_design(name).design
    found = traced_sides(trained_target(design, layers))
    assert found == expected_sides(design, "projected", layers)
    sender, receiver = absorbed_targets(design, layers)
    found = [traced_sides(sender)[0], traced_sides(receiver)[1]]
    assert found == expected_sides(design, "absorbed", layers)


def test_parameters_of_a_baseline():
    """Every stored value of the closed form, weight norm folded, codebooks on both sides."""
    design = load_design("track1").design
    target = trained_target(design, 6)
    for traced_rows, rows in zip(
        sides(measure(target, target.modes[0]).rows),
        sides(walk(design, "projected", 6).rows),
        strict=True,
    ):
        stored = {row.name: row.stored_values for row in traced_rows}
        for row in rows:
            if row.macs_per_frame:
                assert stored[row.name] == row.stored_values, row.name
