"""Tables of costs by layer, block and stage."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from lrac_audit import audit
from lrac_audit.design.parts import CodecDesign
from lrac_audit.report.cost_groups import GROUPINGS, Grouping, block_of, cost_groups
from tests.conftest import Result
from tests.random_designs import designs

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("encoder.blocks.0.residual.1.convs.0", "encoder.blocks.0"),
        ("encoder.input", "encoder.input"),
        ("quantizer.layers.5.search", "quantizer.layers.5"),
        ("conv", "conv"),
    ],
)
def test_the_block_of_a_layer(name: str, block: str) -> None:
    assert block_of(name) == block


@pytest.mark.parametrize("by", GROUPINGS)
@settings(max_examples=15)
@given(designs())
def test_groups_sum_to_the_totals(by: Grouping, design: CodecDesign) -> None:
    found = audit(design)
    document, groups = found.document(), cost_groups(found, by)
    overall = document["complexity"]["overall"]
    assert sum(group.macs_per_frame for group in groups) == overall["macs_per_frame"]
    assert sum(group.price_per_frame for group in groups) == overall["flops_per_frame"]
    stored = sum(layer["stored_values"] for layer in document["layers"])
    assert sum(group.stored_values for group in groups) == stored
    delays = sum(layer["delay_samples"] for layer in document["layers"])
    assert sum(group.delay_samples or 0 for group in groups) == delays
    places = [(group.name, group.side) for group in groups]
    assert len(set(places)) == len(places)


def test_stages_are_the_published_ones(run: Run) -> None:
    """The costs of the paper's table; the parameters with the weight norm folded."""
    rows = list(
        csv.DictReader(io.StringIO(run("audit", "track1", "--by", "stage", "-f", "csv").out))
    )
    assert [row["stage"] for row in rows] == ["encoder", "RVQ, transmit", "RVQ, receive", "decoder"]
    assert [float(row["mflops"]) for row in rows] == pytest.approx([377.472, 17.0496, 0, 296.832])
    assert (rows[0]["stored_values"], rows[3]["stored_values"]) == ("255392", "160369")
    assert float(rows[0]["share"]) == pytest.approx(377.472 / 691.3536)
    assert [row["delay_ms"] for row in rows] == ["10.0", "0.0", "0.0", "10.0"]


def test_every_table_format_shows_blocks(run: Run) -> None:
    """The last block: 21 taps from 8 channels to 1, at 24 kHz: 4.032 MMAC/s, 8.064 MFLOPS."""
    cells = ["decoder.output", "receive", "4.0320", "8.0640", "169", "1.17"]
    table = run("audit", "track1", "--by", "block").out
    assert cells in [line.split() for line in table.splitlines()]
    markdown = run("audit", "track1", "--by", "block", "-f", "markdown").out
    assert f"| {' | '.join(cells)} |  |" in markdown
    html = run("audit", "track1", "--by", "block", "-f", "html").out
    assert "".join(f'<td class="number">{cell}</td>' for cell in cells[2:]) in html
    latex = run("audit", "track1", "--by", "block", "-f", "latex").out
    assert r"output & 4.0320 & 8.0640 & 169 & 1.17 &  \\" in latex


def test_per_frame_and_in_macs_alone(run: Run) -> None:
    out = run("audit", "track1", "--by", "stage", "--per-frame").out
    assert "encoder        transmit  1,887.3600  3,774.7200" in out  # 100 frames/s
    macs = run("audit", "track1", "--by", "stage", "--convention", "macs").out
    header = next(line for line in macs.splitlines() if line.startswith("Stage"))
    assert header.split() == [
        "Stage",
        "Side",
        "MMAC/s",
        "Parameters",
        "%",
        "of",
        "total",
        "Delay",
        "ms",
    ]


def test_an_unknown_part_is_refused(run: Run) -> None:
    found = run("audit", "track1", "--by", "blok")
    assert (found.code, found.out) == (2, "")
    assert (
        "--by: given 'blok'; allowed: one of layer, block, stage; did you mean block?" in found.err
    )
