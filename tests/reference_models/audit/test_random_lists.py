"""Designs of lists: the closed form equals every witness, and the file equals the design.

``LIST_DESIGNS=300 pytest -m sweep`` verifies 300 of them, in parts with a seed of their own.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, seed, settings

from lrac_audit import CodecDesign, audit
from lrac_audit.design.layer import LAYER_KINDS, LayerList
from lrac_audit.design.layers.convolution import ListedConv
from lrac_audit.design.layers.transposed_convolution import ListedTransposedConv
from lrac_audit.design.native import read_design, write_design
from lrac_audit.design.parts import Quantizer
from lrac_audit.design.yaml_source import parse_yaml
from tests.random_lists import KEEPING, RAISING, list_designs
from tests.sweeps import some_or_many

PART_DESIGNS = 60
"""Designs that one test verifies in the sweep."""
PARTS = range(-(-int(os.environ.get("LIST_DESIGNS", PART_DESIGNS)) // PART_DESIGNS))
VERIFIED = pytest.mark.parametrize(
    ("cases", "part"),
    [(4, 0), *(pytest.param(PART_DESIGNS, part, marks=pytest.mark.sweep) for part in PARTS)],
)


def for_each_of(cases: int) -> settings:
    return settings(
        max_examples=cases,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def test_every_kind_is_drawn() -> None:
    assert {*KEEPING, *RAISING} == set(LAYER_KINDS)


@VERIFIED
def test_every_witness_agrees_with_the_closed_form(cases: int, part: int) -> None:
    @seed(part)
    @for_each_of(cases)
    @given(list_designs())
    def agree(design: CodecDesign) -> None:
        found = audit(design, verify=True)
        assert found.verdict.doubts == ()
        assert found.agreement is not None
        # A perturbation is a lower bound, which a coarse codebook may hide altogether.
        assert {finding.witness for finding in found.agreement.differing} <= {"perturbation"}

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


@some_or_many(50, 1000)
def test_what_is_written_reads_back_the_same(cases: int) -> None:
    @for_each_of(cases)
    @given(list_designs())
    def same(design: CodecDesign) -> None:
        assert read_design(parse_yaml(write_design(design), "text"), "text") == design

    same()
