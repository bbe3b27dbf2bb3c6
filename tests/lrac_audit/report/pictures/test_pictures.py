"""Pictures of audits: what is drawn is what was published, derived by hand, or sums to totals."""

from __future__ import annotations

import colorsys
import itertools
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from lrac_audit import audit
from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.comparison.compare import Difference, compare
from lrac_audit.auditing.comparison.figures import figures_of
from lrac_audit.design.parts import CodecDesign
from lrac_audit.report.pictures import canvas
from lrac_audit.report.pictures.change_picture import change_picture, layer_changes, stage_changes
from lrac_audit.report.pictures.cost_picture import cost_picture
from lrac_audit.report.pictures.latency_picture import delay_steps
from lrac_audit.report.pictures.registry import PICTURES
from lrac_audit.report.pictures.svg import svg_file
from lrac_audit.report.pictures.view_picture import view_picture, views
from tests.lrac_audit.list_design import LISTS, write_lists
from tests.random_designs import designs

pytest.importorskip("matplotlib", reason="matplotlib is not installed")
SVG = "{http://www.w3.org/2000/svg}"


def bars(axes: Any) -> dict[float, list[Any]]:
    """Return the bars of a chart by row, each row from the left."""
    found: dict[float, list[Any]] = {}
    for patch in axes.patches:
        found.setdefault(round(patch.get_y() + patch.get_height() / 2, 3), []).append(patch)
    return found


def test_the_costs_that_are_drawn_are_the_published_ones() -> None:
    """Of Track 2 as trained: the encoder of 1944.192, the decoder of 594.048, as in its paper."""
    with canvas.drawn_style():
        above, below = cost_picture(audit("track2", rvq="projected")).axes
    widths = [[patch.get_width() for patch in row] for _, row in sorted(bars(above).items())]
    transmit, receive = [1944.192, 47.9232], [9.216, 594.048]
    assert widths == [
        pytest.approx(transmit),
        pytest.approx(receive),
        pytest.approx(transmit + receive),
    ]
    for row in bars(above).values():  # each begins where the one before it ends
        for left, right in itertools.pairwise(row):
            assert left.get_x() + left.get_width() == pytest.approx(right.get_x())
    assert [line.get_xdata()[0] for line in above.lines] == [600, 2600]
    blocks = [patch.get_width() for patch in below.patches]
    assert sum(blocks) == pytest.approx(2595.3792)


def test_the_layers_to_which_the_latency_is_attributed() -> None:
    """Track 1 at 24 kHz: 10 ms of hop and 10 ms on each side, as in its paper."""
    steps = delay_steps(audit("track1"))
    assert steps[0] == ("buffering", "", 240)
    by_side = {side: sum(s.delay_samples for s in steps if s.side == side) for side in canvas.SIDES}
    assert by_side == {"transmit": 240, "receive": 240, "undivided": 0}


@settings(max_examples=25)
@given(designs())
def test_the_steps_of_any_latency_are_its_total(design: CodecDesign) -> None:
    found = audit(design)
    total = found.document()["latency"]["total_samples"]
    assert sum(step.delay_samples for step in delay_steps(found)) == total


def test_the_field_of_view_is_the_published_one() -> None:
    """Of 14,085 samples at 24 kHz, a hop of 240 and 240 ahead leave 13,605 of past."""
    transmit, receive = views(audit("track1"))
    assert transmit[2:] == (13_605 / 24, 10, 10)
    assert receive[2:] == (360, 10, 10)  # the report says frames -36 to +1, of 10 ms
    with canvas.drawn_style():
        whole, near = view_picture(audit("track1")).axes
    for axes, first in ((whole, -13_605 / 24), (near, -15)):
        left, right = axes.get_xlim()
        assert left == pytest.approx(first, rel=0.1)
        assert right >= 20


@pytest.mark.parametrize(
    ("recurrent", "kept"),
    [
        ("    - gru: {width: 10}\n", ["input to a latent frame"]),
        ("    - lstm: {width: 8}\n", ["latents to an output frame"]),
    ],
)
def test_the_half_of_the_view_that_is_bounded_is_drawn(
    recurrent: str, kept: list[str], tmp_path: Path
) -> None:
    """The design has a recurrent layer on each side, which sees all of the past."""
    assert LISTS.count(recurrent) == 1
    found = audit(write_lists(tmp_path, LISTS.replace(recurrent, "")))
    assert [view.name for view in views(found)] == kept
    with canvas.drawn_style():
        whole, _ = view_picture(found).axes
    assert [label.get_text() for label in whole.get_yticklabels()] == kept


def between(first: str, second: str) -> Difference:
    documents = [audit(name, limits="lrac-2025-track2").document() for name in (first, second)]
    names = (first, second)
    return compare([figures_of(d, n) for d, n in zip(documents, names, strict=True)]).differences[0]


def test_changes_of_layers_sum_to_that_of_the_whole() -> None:
    difference = between("track1", "track2")
    by_name = {change.name: change.change for change in stage_changes(difference)}
    assert by_name["overall"] == pytest.approx(2576.9472 - 691.3536)
    assert by_name["decoder"] == pytest.approx(594.048 - 296.832)
    layers = layer_changes(difference)
    assert len(layers) == canvas.MAX_ROWS
    assert sum(change.change for change in layers) == pytest.approx(by_name["overall"])
    assert max(abs(change.change) for change in layers[:-1]) == pytest.approx(114.688)
    with canvas.drawn_style():
        below = change_picture(difference).axes[1]
    assert len(below.patches) == canvas.MAX_ROWS


@pytest.mark.parametrize("name", PICTURES)
def test_a_file_is_the_same_every_time_and_its_text_is_text(name: str) -> None:
    found = audit("track1")
    with canvas.drawn_style():
        first, second = (svg_file(PICTURES[name].draw(found)) for _ in range(2))
    assert first == second
    root = ElementTree.fromstring(first)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    shown = {"cost": "encoder.blocks.3", "latency": "+7", "view": "past 566.9 ms"}
    assert shown[name] in texts
    titles = [title.text for title in root.iter(f"{SVG}title")]
    hovered = {
        "cost": "encoder.blocks.3: 126.976",
        "latency": "encoder.blocks.2.residual.1.convs.0: 7 ms",
        "view": "look-ahead: 10 ms",
    }
    assert hovered[name] in titles
    names = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(set(names)) == len(names)
    referred = re.findall(rb'(?:url\(|href=")#([\w.-]+)', first)
    assert {place.decode() for place in referred} == set(names)
    assert b"metadata" not in first


def test_names_are_safe_in_pictures(tmp_path: Path) -> None:
    hostile = "<script>$x^2$ & \"'"
    with canvas.drawn_style():
        figure, (axes,) = canvas.new_figure(1)
        canvas.mark(canvas.bar(axes, 0, 1, 0, canvas.Look(canvas.INK)), hostile)
        canvas.bare(axes, [hostile])
        root = ElementTree.fromstring(svg_file(figure))
    assert hostile in [text.text for text in root.iter(f"{SVG}text")]
    assert [title.text for title in root.iter(f"{SVG}title")] == [hostile]


def test_nothing_is_drawn_of_what_has_no_bound(tmp_path: Path) -> None:
    normed = audit(write_lists(tmp_path, LISTS.replace("- rms_norm", "- group_norm")))
    assert [name for name in PICTURES if PICTURES[name].can_draw(normed)] == ["cost"]
    words = PICTURES["latency"].words(normed)
    assert words == "No number bounds the latency, because of encoder.layers.5.group_norm."


def test_colours_differ_in_lightness_too() -> None:
    """Printed in black and white, the sides and the past are told apart."""
    shades = [lightness(c) for c in (canvas.TRANSMIT, canvas.RECEIVE, canvas.INK)]
    assert min(abs(a - b) for a, b in itertools.combinations(shades, 2)) > 0.2
    assert abs(lightness(canvas.PAST) - lightness(canvas.TRANSMIT)) > 0.2


def lightness(color: str) -> float:
    """Return the lightness of a colour in grey, by the luma of ITU-R BT.601 (the Y of YIQ)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return colorsys.rgb_to_yiq(*channels)[0]


def test_very_many_rows_are_drawn_as_few() -> None:
    assert canvas.smallest([5, -9, 1, 3], 3) == {2, 3}
    assert canvas.smallest([5, -9, 1], 3) == set()


@pytest.mark.sweep
@settings(max_examples=20)
@given(designs())
def test_every_design_has_its_pictures(design: CodecDesign) -> None:
    found: Audit = audit(design)
    drawn = {name for name, kind in PICTURES.items() if kind.can_draw(found)}
    assert drawn >= {"cost", "latency"}
    with canvas.drawn_style():
        for name in drawn:
            root = ElementTree.fromstring(svg_file(PICTURES[name].draw(found)))
            assert root.tag.endswith("}svg") and len(root)
