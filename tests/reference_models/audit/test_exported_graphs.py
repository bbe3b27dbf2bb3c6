"""Exported graphs as a witness of ``--verify``: they agree, and a wrong ledger is found out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

pytest.importorskip("onnx", reason="onnx is not installed")

from lrac_audit import audit
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.agreement import Agreement, Finding
from lrac_audit.ledger.latency import unbounded_rows
from lrac_audit.ledger.row import Kind, Ledger, Row
from lrac_audit.ledger.walk import walk
from reference_models.audit.exported_graphs import compare_graphs
from reference_models.audit.verification import build_sides
from tests.random_designs import designs
from tests.random_lists import list_designs
from tests.reference_models.audit.small_design import SMALL
from tests.reference_models.export.listed_designs import listed_design
from tests.reference_models.export.spectral_designs import SPECTRAL
from tests.sweeps import thinned

DESIGN = audit(SMALL).design
SAME = settings(
    max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def compared(design: CodecDesign, ledger: Ledger) -> Agreement:
    """Return the comparison with the graphs of a model of ``design``."""
    layers = ledger.mode.active_layers or 0
    return compare_graphs(ledger, *build_sides(design, ledger), layers)


def findings(design: CodecDesign, ledger: Ledger) -> tuple[Finding, ...]:
    """Return the findings, and make sure that there are some."""
    found = compared(design, ledger)
    assert found.findings and not found.remarks
    return found.findings


def doubts(found: Iterable[Finding]) -> list[str]:
    return [str(each) for each in found if not each.explanation]


def test_graphs_agree_row_by_row() -> None:
    """Both layers of the encoder, both searches with what they project, and the decoder's two."""
    assert DESIGN is not None
    ledger = walk(DESIGN, "absorbed", 2)
    found = findings(DESIGN, ledger)
    rows = [each for each in found if each.scope == "row"]
    assert {each.name for each in rows if each.agrees} == {
        f"{row.name} ({row.side})" for row in ledger.rows if row.macs_per_frame
    }
    assert len(rows) == 2 + 2 * 2 + 2
    rest = {(each.quantity, each.name): (each.expected, each.found) for each in found[len(rows) :]}
    # A frame sees 7 + 8 - 1 samples. The hop is 4; 2 + 1 samples of look-ahead make the codes one
    # frame late, so that a stream of whole frames is 4 + 4 samples late.
    assert rest["receptive_field_samples", "transmit side"] == (14, 14)
    assert rest["delay_samples", "total"] == (7, 8)
    assert doubts(found) == [str(each) for each in found if each.agrees]


def test_a_wrong_ledger_is_found_out() -> None:
    def wrong(row: Row) -> Row:
        if row.name != "encoder.layers.0.conv":
            return row
        return row._replace(
            work={**row.work, Kind.CONV: row.work[Kind.CONV] + 1},
            delay_samples=20,
            state_values=(row.state_values or 0) + 100,
            held_values=100,
        )

    assert DESIGN is not None
    ledger = walk(DESIGN, "absorbed", 2)
    changed = replace(ledger, rows=tuple(wrong(row) for row in ledger.rows))
    assert changed != ledger
    differing = [each for each in doubts(findings(DESIGN, changed)) if "the ledger says" in each]
    for words in (
        "exported graph: macs_per_frame of encoder.layers.0.conv (transmit) is 112,",
        "exported graph: state_values of transmit side is",
        "exported graph: state_values of transmit skip paths is 0, the ledger says 100",
        "exported graph: receptive_field_samples of transmit side is 14, the ledger says 32",
    ):
        assert any(each.startswith(words) for each in differing), words


def agree(design: CodecDesign) -> None:
    ledger = walk(design, "absorbed", design.quantizer.mode_layers[-1])
    if not unbounded_rows(ledger):
        wrong = [each for each in compared(design, ledger).findings if not each.agrees]
        assert not [str(each) for each in wrong if not each.explanation]


def test_attention_and_noise_agree() -> None:
    design = listed_design()
    ledger = walk(design, "absorbed", 2)
    found = compared(design, ledger)
    assert not found.remarks
    kinds = ("attention", "noise")
    rows = {f"{row.name} ({row.side})" for row in ledger.rows if row.op in kinds}
    agreeing = {each.name for each in found.findings if each.scope == "row" and each.agrees}
    assert len(rows) == 6 and rows <= agreeing
    agree(design)


@SAME
@given(designs())
def test_random_designs(design: CodecDesign) -> None:
    agree(design)


@pytest.mark.sweep
@settings(SAME, max_examples=15)
@given(designs() | list_designs())
def test_many_random_designs(design: CodecDesign) -> None:
    agree(design)


@pytest.mark.parametrize("name", thinned(SPECTRAL, 4))
def test_transforms_agree(name: str) -> None:
    agree(SPECTRAL[name])


def test_a_kind_that_is_not_exported_is_a_remark() -> None:
    text = SMALL.replace(
        "quantizer: {layers: 2, codebook_size: 16, codebook_dim: 3}", "quantizer: none"
    )
    design = audit(text).design
    assert design is not None
    found = compared(design, walk(design, "absorbed", 0))
    (remark,) = found.remarks
    assert not found.findings
    assert remark.startswith("no graphs were compared: ")
