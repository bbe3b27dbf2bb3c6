"""Designs of lists: the closed form equals every witness, and the file equals the design.

``LIST_DESIGNS=300 pytest -m sweep`` verifies 300 of them, in parts with a seed of their own.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from lrac_audit import CodecDesign, audit
from lrac_audit.design.layer import LAYER_KINDS, LayerList
from lrac_audit.design.layers.convolution import ListedConv
from lrac_audit.design.layers.transposed_convolution import ListedTransposedConv
from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.parts import Quantizer
from lrac_audit.design.quantizer import QUANTIZER_KINDS
from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.ledger.row import RVQ_FORMS, RvqForm
from tests.disagreement import disagreeing
from tests.random_lists import (
    KEEPING,
    LOWERING,
    RAISING,
    WAITING,
    list_designs,
    waiting_designs,
)
from tests.random_quantizers import QUANTIZERS
from tests.sweeps import some_or_many

PART_DESIGNS = 10
"""Designs that one test verifies in the sweep."""
PARTS = range(-(-int(os.environ.get("LIST_DESIGNS", 2 * PART_DESIGNS)) // PART_DESIGNS))
VERIFIED = pytest.mark.parametrize(
    ("cases", "part"),
    [(2, 0), *(pytest.param(PART_DESIGNS, part, marks=pytest.mark.sweep) for part in PARTS)],
)


def for_each_of(cases: int) -> settings:
    return settings(
        max_examples=cases,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_every_kind_is_drawn() -> None:
    assert {*KEEPING, *LOWERING, *RAISING, *WAITING} == set(LAYER_KINDS)
    assert set(QUANTIZERS) == {None, *QUANTIZER_KINDS}


@VERIFIED
def test_every_witness_agrees_with_the_closed_form(cases: int, part: int) -> None:
    @seed(part)
    @for_each_of(cases)
    @given(list_designs(), st.sampled_from(RVQ_FORMS))
    def agree(design: CodecDesign, form: RvqForm) -> None:
        found = audit(design, rvq=form, verify=True)
        assert found.verdict.doubts == ()
        assert found.agreement is not None
        # A perturbation is a lower bound, which a coarse codebook may hide altogether.
        assert {finding.witness for finding in disagreeing(found.agreement)} <= {"perturbation"}

    agree()


@some_or_many(1, 8)
def test_the_rest_agrees_where_a_layer_waits_for_the_end(cases: int) -> None:
    @for_each_of(cases)
    @given(waiting_designs())
    def agree(design: CodecDesign) -> None:
        found = audit(design, verify=True)
        assert found.verdict.doubts == ()
        assert found.agreement is not None and not disagreeing(found.agreement)
        assert found.document()["latency"]["total_samples"] is None
        assert {f.witness for f in found.agreement.findings} >= {"operator trace", "dependency"}
        assert "streaming run" not in {f.witness for f in found.agreement.findings}
        assert any("no stream was run" in remark for remark in found.agreement.remarks)

    agree()


def test_the_cut_of_a_transposed_convolution_without_bias_is_its_own() -> None:
    encoder = LayerList((ListedConv(3, 4, 3),))
    up = ListedTransposedConv(5, 3, trim_left=2, bias=False)
    design = CodecDesign(
        name="cut",
        sample_rate_hz=8000,
        encoder=encoder,
        quantizer=Quantizer(1, 8),
        decoder=LayerList((up, ListedConv(2, 1))),
    )
    assert audit(design, verify=True).verdict.doubts == ()


@some_or_many(50, 150)
def test_what_is_written_reads_back_the_same(cases: int) -> None:
    @for_each_of(cases)
    @given(list_designs())
    def same(design: CodecDesign) -> None:
        assert read_design(parse_yaml(write_design(design), "text"), "text") == design

    same()
