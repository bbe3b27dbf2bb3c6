"""What graphs cost under every convention: as much as the rows of their designs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import assume

pytest.importorskip("onnx", reason="onnx is not installed")

from lrac_audit.design.layers.mdct import Imdct, Mdct
from lrac_audit.design.layers.stft import Istft, Stft
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.path import signal_path
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.lookup_free import LookupFree
from lrac_audit.design.steps import layers as layers_of
from lrac_audit.ledger.agreement import nearest
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Kind, Row, Side
from lrac_audit.ledger.walk import walk
from lrac_audit.witness.onnx.graph_reader import graph_of
from lrac_audit.witness.onnx.graph_rows import rows_of_all
from lrac_audit.witness.onnx.sides import side_graph
from lrac_audit.witness.stated_rates import AS_DECLARED
from reference_models.export.codec import programs_of
from reference_models.export.onnx.graph import model_of
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.spectral_designs import SPECTRAL
from tests.reference_models.export.test_programs import QUANTIZER_TEXTS, has_programs
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.quantizer_designs import design_of
from tests.reference_models.nn.test_random_designs import EVERYTHING
from tests.sweeps import random_cases, thinned

Name = tuple[Side, str]
"""A side and a row."""
TRANSFORMS = (Stft, Istft, Mdct, Imdct)
PER_VALUE = (Fsq, LookupFree)
"""Quantizers whose graphs multiply constants in advance, and give zeros for layers that are off."""


def priced(rows: Iterable[Row], names: set[Name]) -> Mapping[Name, list[int]]:
    """Return the prices of each row that has one under any convention."""
    found: dict[Name, list[int]] = {}
    for row in rows:
        assert not row.problem
        name = row.side, nearest(row.side, row.name, names)
        prices = [each.price(row.work) for each in CONVENTIONS.values()]
        before = found.get(name, [0] * len(prices))
        found[name] = [a + b for a, b in zip(before, prices, strict=True)]
    return {name: prices for name, prices in found.items() if any(prices)}


def graph_rows(design: CodecDesign) -> list[Row]:
    """Return the rows of the graphs for the midst of a clip."""
    programs = programs_of(filled_codec(design, seed=1))
    models = [model_of(each, {"lrac.side": each.side}) for each in programs]
    graphs = [graph_of(each.SerializeToString(), "graph") for each in models]
    return list(rows_of_all([side_graph(each, AS_DECLARED) for each in graphs]))


def check(design: CodecDesign) -> None:
    rows = walk(design, "absorbed", design.quantizer.layers).rows
    names = {(row.side, row.name) for row in rows}
    wanted, counted = priced(rows, names), dict(priced(graph_rows(design), names))
    assert wanted
    for name in wanted if isinstance(design.quantizer, PER_VALUE) else ():
        if name[1].startswith("quantizer.layers."):
            counted[name] = wanted[name]
    assert counted == wanted


DESIGNS = {"everything": EVERYTHING, "attention and noise": listed_design()}


@pytest.mark.parametrize("name", DESIGNS)
def test_prices(name: str) -> None:
    check(DESIGNS[name])


@pytest.mark.parametrize("quantizer", QUANTIZER_TEXTS)
def test_prices_of_quantizers(quantizer: str) -> None:
    check(design_of(quantizer))


@pytest.mark.parametrize("name", thinned(SPECTRAL, 4))
def test_butterflies_of_transforms(name: str) -> None:
    design = SPECTRAL[name]
    ledger = walk(design, "absorbed", design.quantizer.layers).rows
    wanted, counted = (
        {row.name: row.work[Kind.BUTTERFLY] for row in rows if Kind.BUTTERFLY in row.work}
        for rows in (ledger, graph_rows(design))
    )
    assert counted == {name: count for name, count in wanted.items() if count}


def check_random(design: CodecDesign) -> None:
    """Compare the prices of a design without Fourier transforms."""
    steps = (step for part in signal_path(design) for step in layers_of(part))
    assume(has_programs(design) and not any(isinstance(step.part, TRANSFORMS) for step in steps))
    check(design)


test_random_prices = random_cases(designs(), 1, 10)(check_random)
test_random_prices_of_lists = random_cases(list_designs(), 2, 15)(check_random)
