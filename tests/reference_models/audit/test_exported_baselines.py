"""The exported baselines as targets: every figure of the audit of their designs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

pytest.importorskip("onnx", reason="onnx is not installed")

from lrac_audit import audit
from lrac_audit.ledger.conventions import CONVENTIONS, Convention
from lrac_audit.ledger.row import Ledger
from reference_models.export.onnx.files import write_graphs
from reference_models.nn.build import build
from reference_models.nn.codebook import trained_codebooks

FIGURES = ("complexity", "receptive_field", "mode", "latency")
NOT_IN_A_GRAPH = {"rvq", "information_bits_per_frame", "packed_bits_per_frame"}
NOT_IN_A_GRAPH |= {"lower_total_samples", "proved"}
STATE = ("state_values", "held_values")


def exported(track: str, layers: int, folder: Path) -> Path:
    """Write the graphs of an untrained baseline."""
    design = audit(track).design
    assert design is not None
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        codec = build(design).eval()
        for codebook in trained_codebooks(codec):
            codebook.embed.normal_()
            codebook.inited.fill_(1)
    write_graphs(codec, layers, folder)
    return folder


def figures(document: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that a design and its graphs have in common."""
    found = {
        name: {key: value for key, value in document[name].items() if key not in NOT_IN_A_GRAPH}
        for name in FIGURES
    }
    for side in ("transmit", "receive"):
        found[side] = {key: document["memory"][side][key] for key in STATE}
    checks = [each for each in document["limits"]["checks"] if each["id"] != "bitstream"]
    return {**found, "checks": checks, "rates": document["design"]["bitrates_kbps"]}


def prices(ledger: Ledger, convention: Convention) -> Counter[tuple[str, str]]:
    """Return the price of each stage of each side."""
    found: Counter[tuple[str, str]] = Counter()
    for row in ledger.rows:
        found[row.side, row.stage] += convention.price(row.work)
    return found


@pytest.mark.parametrize(
    ("track", "layers", "kbps"),
    [
        ("track1", 6, 6),
        pytest.param("track1", 1, 1, marks=pytest.mark.sweep),
        pytest.param("track2", 6, 6, marks=pytest.mark.sweep),
    ],
)
def test_every_figure_of_the_design(track: str, layers: int, kbps: int, tmp_path: Path) -> None:
    limits = f"lrac-2025-{track}"
    of_graphs = audit(exported(track, layers, tmp_path), limits=limits)
    of_design = audit(track, limits=limits, bitrate_kbps=kbps)
    assert figures(of_graphs.document()) == figures(of_design.document())
    for each in CONVENTIONS.values():
        assert prices(of_graphs.ledger, each) == prices(of_design.ledger, each), each.name
    assert of_graphs.verdict.status == "pass"
    assert of_graphs.agreement is not None
    assert [str(each) for each in of_graphs.agreement.differing] == []
    (bitstream,) = [each for each in of_graphs.verdict.checks if each.id == "bitstream"]
    assert bitstream.value == pytest.approx(kbps, rel=1e-12)
