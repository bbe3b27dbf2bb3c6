"""The picture of a Pareto front, beside figures derived by hand."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from lrac_audit import audit
from lrac_audit.auditing.exploring.exploration import Exploration
from lrac_audit.auditing.exploring.explore import Wishes, explore
from lrac_audit.report.exploration_report import ExplorationReport
from lrac_audit.report.formats.html_format import HtmlFormat
from lrac_audit.report.pictures.canvas import drawn_style
from lrac_audit.report.pictures.front_picture import front_picture, has_front, points, start
from lrac_audit.report.pictures.svg import svg_file
from tests.lrac_audit.report.html.reading import read

pytest.importorskip("matplotlib", reason="matplotlib is not installed")
TITLE = "{http://www.w3.org/2000/svg}title"


def found(*objectives: str) -> Exploration:
    return explore(audit("track1"), Wishes(["encoder.input.kernel=3,5,7"], objectives))


def test_each_design_of_the_front_is_a_point() -> None:
    """A tap of the first layer, 1>8 at 24 kHz, costs 0.384 MFLOPS and sees a sample more."""
    exploration = found("receptive_field", "-overall_mflops")
    expected = {14_085 - less: 691.3536 - 0.384 * less for less in (0, 2, 4)}
    drawn = {point.x: point.y for point in points(exploration, 1)}
    assert drawn == pytest.approx(expected)
    first = start(exploration, 1)
    assert first is not None
    assert (first.x, first.y) == pytest.approx((14_085, 691.3536))
    with drawn_style():
        figure = front_picture(exploration)
        titles = [node.text for node in ElementTree.fromstring(svg_file(figure)).iter(TITLE)]
    (axes,) = figure.axes
    places = {(line.get_xdata()[0], round(line.get_ydata()[0], 4)) for line in axes.lines}
    assert places == {(x, round(y, 4)) for x, y in expected.items()}
    least = "front-3: receptive_field 14,081, overall_mflops 689.8176, encoder.input.kernel 3"
    assert least in titles
    assert "start: receptive_field 14,085, overall_mflops 691.3536" in titles


def test_three_objectives_are_two_charts() -> None:
    exploration = found("receptive_field", "-overall_mflops", "-total_latency_ms")
    with drawn_style():
        figure = front_picture(exploration)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels == [
        "overall_mflops, MFLOPS (less is better)",
        "total_latency_ms, ms (less is better)",
    ]
    assert figure.axes[1].get_xlabel() == "receptive_field, samples (more is better)"


def test_the_page_has_the_picture_and_the_table() -> None:
    page = read(HtmlFormat().render(ExplorationReport(found("receptive_field", "-overall_mflops"))))
    assert page.all("h1")[0].text == "Exploration of track1"
    words = page.all("svg")[0].attributes["aria-label"]
    assert words.startswith("Pareto front of 3 designs. Its ends: front-1: receptive_field 14,085")
    assert len(page.all("tbody")[0].all("tr")) == 3


def test_one_objective_makes_no_front() -> None:
    exploration = found("receptive_field")
    assert not has_front(exploration)
    assert not read(HtmlFormat().render(ExplorationReport(exploration))).all("svg")
