"""A new kind of layer for lists: one file and its registration, and everything knows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lrac_audit import audit
from lrac_audit.design.layer import LAYER_KINDS
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.report.workbook.build import sheet_pages
from reference_models.nn.build import build
from reference_models.nn.layer_modules import LAYER_MODULES
from tests.reference_models import gated_conv
from tests.reference_models.gated_conv import GatedConv
from tests.reference_models.nn.listed import (
    HOP_SAMPLES,
    STEP_SAMPLES,
    WIDTH,
    assert_stream_equals_whole,
    assert_witnesses_agree,
    listed,
    rows_of,
)

REGISTRIES: tuple[Any, ...] = (CHECKS, LAYER_ROWS, LAYER_MODULES)
ENCODER = {"gated_conv": {"kernel": 5, "look_ahead": 2}}
GATED, BACK = {"gated_conv": {"kernel": 3, "channels": 6}}, {"linear": {"channels": WIDTH}}
DECODER = {"residual": {"layers": [GATED, BACK]}}


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the kind for one test alone."""
    for registry in REGISTRIES:
        monkeypatch.setattr(registry, "entries", dict(registry.entries))
    for entered in ("_kinds", "_names"):
        monkeypatch.setattr(LAYER_KINDS, entered, dict(getattr(LAYER_KINDS, entered)))
    gated_conv.register()


@pytest.fixture
def design(gated: None, tmp_path: Path) -> CodecDesign:
    return listed(tmp_path, [ENCODER], [DECODER])


def test_its_row_is_its_own(design: CodecDesign) -> None:
    # 15 steps in a hop; a convolution of 5 taps from 8 channels to two halves of 8, with biases.
    (row,) = rows_of(design, "encoder.layers.1.gated_conv").values()
    assert (row.op, row.macs_per_frame) == ("gated_conv", 15 * 8 * 16 * 5)
    assert row.stored_values == 8 * 16 * 5 + 16
    assert (row.delay_samples, row.past_samples) == (2 * STEP_SAMPLES, 2 * STEP_SAMPLES)
    assert row.state_values == 4 * 8
    inner = rows_of(design, "decoder.layers.0.residual")["layers.0.gated_conv"]
    assert (inner.macs_per_frame, inner.state_values) == (8 * 12 * 3, 2 * 8)
    assert inner.past_samples == 2 * HOP_SAMPLES


def test_its_model_streams_and_every_witness_agrees(design: CodecDesign) -> None:
    assert_stream_equals_whole(design, "encoder.layers.1.gated_conv")
    assert_witnesses_agree(design)


def test_its_output_is_its_formula(design: CodecDesign) -> None:
    module = build(design).get_submodule("encoder.layers.1.gated_conv")
    x = torch.randn(1, WIDTH, 9)
    with torch.no_grad():
        padded = torch.nn.functional.pad(x, (2, 2))
        value, gate = torch.nn.functional.conv1d(padded, module.weight, module.bias).chunk(2, 1)
        assert torch.allclose(module(x), value / (1 + (-gate).exp()), rtol=0, atol=1e-6)


def test_a_sheet_holds_its_values(design: CodecDesign) -> None:
    (page,) = [page for page in sheet_pages(audit(design)) if page.name == "Layers"]
    assert "encoder.layers.1.gated_conv" in {cell.value for cell in page.cells.values()}


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ({"gated_conv": {"kernel": 3, "look_ahead": 3}}, "look_ahead: given 3; allowed: at most"),
        ({"gated_conv": {"kernel": 3, "taps": 1}}, "gated_conv.taps: given an unknown key"),
        ({"gated_conv": None}, "gated_conv.kernel: given nothing"),
    ],
)
def test_its_mistakes_are_named_as_others_are(
    gated: None, tmp_path: Path, layer: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        listed(tmp_path, [layer], [])
    (problem,) = caught.value.problems
    assert message in str(problem)


def test_without_its_line_the_kind_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        listed(tmp_path, [ENCODER], [])
    (problem,) = caught.value.problems
    assert problem.field == "encoder.layers[1]"
    assert "given 'gated_conv'; allowed: one kind: one of " in str(problem)


@pytest.mark.parametrize("missing", range(len(REGISTRIES)))
def test_without_one_of_its_entries_it_is_refused(
    design: CodecDesign, tmp_path: Path, missing: int
) -> None:
    registry = REGISTRIES[missing]
    del registry.entries[GatedConv]
    consumers = (
        lambda: listed(tmp_path, [ENCODER], []),
        lambda: audit(design),
        lambda: build(design),
    )
    with pytest.raises(InputError, match=f"given a GatedConv, which has no {registry.purpose}"):
        consumers[missing]()
