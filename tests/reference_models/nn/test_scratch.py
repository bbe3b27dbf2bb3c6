"""Scratch memory by closed form is what a frame of the streaming modules needs, row by row."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lrac_audit.design.formats import load_design
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.row import RVQ_FORMS, RvqForm
from lrac_audit.ledger.scratch import scratch
from lrac_audit.ledger.walk import walk
from lrac_audit.presets import PRESETS
from reference_models.audit.verification import build_sides
from tests.live_values import FrameTrace, traced
from tests.lrac_audit.ledger.test_scratch import QUANTIZERS, SMALL, design
from tests.random_designs import designs
from tests.random_lists import list_designs

ALIKE = ("dac-16khz", "dac-44khz")
"""Presets of the layers of dac-24khz, at other rates."""
MOVED = ("pixel_shuffle", "concat")
"""Operations that no function of torch stands for: they only move values."""


def assert_equal_to_a_run(of: CodecDesign, form: RvqForm, active_layers: int) -> None:
    """Compare each row, and all rows that are no modules together."""
    ledger = walk(of, form, active_layers)
    derived = scratch(ledger)
    for side, found in traced(ledger, *build_sides(of, ledger)).items():
        expected = dict(derived[side].live_values)
        others = found.pop("", 0)
        assert found == {name: expected[name] for name in found}
        assert max(*found.values(), others) == derived[side].peak_values
        moved = {row.name for row in ledger.rows if row.op in MOVED}
        rest = [n for name, n in expected.items() if name not in found and name not in moved]
        assert max(rest, default=0) == others


@pytest.mark.parametrize(("name", "form"), [("track1", "projected"), ("track2", "absorbed")])
def test_the_baselines(name: str, form: RvqForm) -> None:
    of = load_design(name).design
    assert_equal_to_a_run(of, form, max(of.quantizer.mode_layers))


@pytest.mark.sweep
@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ALIKE])
def test_every_preset(name: str) -> None:
    of = load_design(name).design
    assert_equal_to_a_run(of, "absorbed", min(of.quantizer.mode_layers))


@pytest.mark.parametrize(
    "quantizer", ["{layers: 2, codebook_size: 4, codebook_dim: 2}", *QUANTIZERS]
)
@pytest.mark.parametrize("form", RVQ_FORMS)
def test_quantizers(quantizer: str, form: RvqForm) -> None:
    of = design(SMALL.replace("{layers: 2, codebook_size: 4, codebook_dim: 2}", quantizer))
    assert_equal_to_a_run(of, form, of.quantizer.layers)


ANY_DESIGN = st.one_of(list_designs(), list_designs(), designs())


@settings(max_examples=6)
@given(ANY_DESIGN, st.sampled_from(RVQ_FORMS))
def test_random_designs(of: CodecDesign, form: RvqForm) -> None:
    assert_equal_to_a_run(of, form, max(of.quantizer.mode_layers))


@pytest.mark.sweep
@settings(max_examples=60)
@given(ANY_DESIGN, st.sampled_from(RVQ_FORMS))
def test_many_random_designs(of: CodecDesign, form: RvqForm) -> None:
    assert_equal_to_a_run(of, form, max(of.quantizer.mode_layers))


def test_a_run_counts_no_function_that_it_does_not_know() -> None:
    trace = FrameTrace()
    x = torch.ones(2, 3)
    trace.begin(x)
    with trace, pytest.raises(NotImplementedError, match="no rule for the function cumsum"):
        x.cumsum(0)


def test_a_run_by_hand() -> None:
    """Two linear maps of 3 to 5 and 5 to 2 values, and a skip of 3 that outlives the first."""
    first, second, third = nn.Linear(3, 5), nn.Linear(5, 2), nn.Linear(3, 2)
    trace = FrameTrace()
    x = torch.ones(1, 3)
    trace.begin(x)
    with trace, torch.no_grad():
        trace.row = "first"
        y = first(x)
        trace.row = "second"
        z = second(y.relu())
        trace.row = "third"
        out = third(x.clone()) + z
    # The ReLU works in place; the copy moves values; the sum takes the place of one of its terms.
    assert trace.live_values(out) == {"first": 3 + 5, "second": 3 + 5 + 2, "third": 3 + 2 + 2}
