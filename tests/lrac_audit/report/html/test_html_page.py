"""Pages for a browser: complete in one file, and safe whatever a name holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from lrac_audit import audit
from lrac_audit.console.layout import Column, Table
from lrac_audit.report.audit_report import AuditReport
from lrac_audit.report.blocks import Bullets, Heading, PageSection, Paragraph
from lrac_audit.report.check_report import CheckReport
from lrac_audit.report.content import PageContent
from lrac_audit.report.formats.html_format import HtmlFormat
from lrac_audit.report.html import picture_elements
from lrac_audit.report.html.elements import element, html_text
from tests.lrac_audit.report.html.reading import Node, read

HOSTILE = "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>&amp;\"'\x07\u202e"
AS_SHOWN = HOSTILE.replace("\x07", r"\x07").replace("\u202e", r"\u202e")
"""What a reader should see: the characters themselves, but for those that steer a display."""


class Blocks(PageContent):
    def __init__(self, *sections: PageSection, title: str = "T") -> None:
        self._sections, self._title = sections, title

    def title(self) -> str:
        return self._title

    def page_sections(self) -> Sequence[PageSection]:
        return self._sections


@pytest.fixture(scope="module")
def track1() -> str:
    """The page of the Track 1 baseline."""
    return HtmlFormat().render(AuditReport(audit("track1")))


def page(report: PageContent) -> Node:
    return read(HtmlFormat().render(report))


def test_every_block_is_shown_as_it_is() -> None:
    table = Table(
        [Column("Name"), Column("Figure", right=True), Column("Status", is_status=True)],
        [["  one", "1,024", "fail: by 3"], ["two", "", "pass"]],
        shares=[0.75, None],
    )
    found = page(Blocks([Heading("H"), Paragraph("a\nb"), Bullets(["c", "d"])], [table]))
    assert [h.text for h in found.all("h1") + found.all("title")] == ["T", "T"]
    assert [h.text for h in found.all("h2")] == ["H"]
    assert [
        child if isinstance(child, str) else child.tag for child in found.all("p")[0].children
    ] == [
        "a",
        "br",
        "b",
    ]
    assert [item.text for item in found.all("li")] == ["c", "d"]
    headings = [(th.text, th.attributes["scope"]) for th in found.all("th")]
    assert headings == [
        *((name, "col") for name in ("Name", "Figure", "Status", "Share")),
        ("one", "row"),
        ("two", "row"),
    ]
    cells = [td.text for td in found.all("td")]
    assert cells == ["1,024", "fail: by 3", "75.00 %", "", "pass", ""]
    spans = [span.attributes.get("class") for span in found.all("span")]
    assert spans == ["status fail", "bar", "status pass"]


@pytest.mark.parametrize("place", range(7))
def test_a_name_cannot_leave_its_place(place: int) -> None:
    texts = ["x"] * 7
    texts[place] = HOSTILE
    table = Table([Column(texts[0]), Column(texts[1], is_status=True)], [[texts[2], texts[3]]])
    blocks = [Heading(texts[4]), Paragraph(texts[5]), Bullets([texts[6]]), table]
    found, plain = (
        page(Blocks(blocks, title=texts[0])),
        page(
            Blocks(
                [
                    Heading("x"),
                    Paragraph("x"),
                    Bullets(["x"]),
                    table._replace(
                        columns=[Column("x"), Column("x", is_status=True)], rows=[["x", "x"]]
                    ),
                ],
                title="x",
            )
        ),
    )
    assert AS_SHOWN in found.all("main")[0].text
    assert tags(found) == tags(plain)


def tags(node: Node) -> list[str]:
    """Return the tags in order, of which a name must change none."""
    nodes = [child for child in node.children if isinstance(child, Node)]
    return [tag for child in nodes for tag in (child.tag, *tags(child))]


def test_a_page_is_ascii_whatever_the_names_are() -> None:
    name = "\u00c4\u4e2d\U0001f3b5"
    text = HtmlFormat().render(Blocks([Heading(name)], title=name))
    assert text.isascii()
    assert [node.text for node in read(text).all("h2") + read(text).all("title")] == [name, name]


def test_attributes_are_escaped_too() -> None:
    found = read(html_text(element("p", title=HOSTILE))).all("p")[0]
    assert found.attributes == {"title": AS_SHOWN}


def test_the_names_of_a_design_and_its_file_are_safe() -> None:
    found = audit(replace(audit("track1").design, name=HOSTILE.strip("\x07\u202e")))
    named = replace(found, target=found.target._replace(source=HOSTILE))
    for report in (AuditReport(named), CheckReport([named], 0)):
        shown = page(report)
        assert len(shown.all("script")) == 1
        assert not shown.all("img")
        assert "<script>alert(1)</script>" in shown.all("main")[0].text


def test_the_page_asks_for_nothing(track1: str) -> None:
    found = read(track1)
    assert not re.findall(r"https?:|//[a-z]|@import|url\((?!#)", track1)
    policy = [m for m in found.all("meta") if "http-equiv" in m.attributes]
    assert "default-src 'none'" in policy[0].attributes["content"]
    assert "'unsafe-inline'" not in policy[0].attributes["content"].partition("script-src")[2]
    links = ("src", "href", "xlink:href", "action", "data")
    referred = [
        n.attributes[name] for n in everything(found) for name in links if name in n.attributes
    ]
    assert referred
    assert all(place.startswith("#") for place in referred)


def everything(node: Node) -> list[Node]:
    nodes = [child for child in node.children if isinstance(child, Node)]
    return [hit for child in nodes for hit in (child, *everything(child))]


def test_pictures_take_the_colours_of_the_page(track1: str) -> None:
    """So that they change in the dark; and each has its words for those who do not see it."""
    drawings = read(track1).all("svg")
    assert len(drawings) == 3
    for drawing in drawings:
        values = [value for node in everything(drawing) for value in node.attributes.values()]
        assert any("var(--" in value for value in values)
        assert not any(re.search("#[0-9a-f]{6}", value) for value in values)
        assert drawing.attributes["role"] == "img"
    assert "Latency of 30 ms: buffering 10," in drawings[1].attributes["aria-label"]
    names = [
        n.attributes["id"]
        for drawing in drawings
        for n in everything(drawing)
        if "id" in n.attributes
    ]
    assert names
    assert len(set(names)) == len(names)


def test_without_matplotlib_words_stand_for_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_elements, "find_spec", lambda name: None)
    found = page(AuditReport(audit("track1")))
    assert not found.all("svg")
    figures = [figure.text for figure in found.all("figure")]
    assert len(figures) == 3
    assert figures[1].startswith("Latency of 30 ms: buffering 10,")
    assert all("pip install 'lrac-audit[report]'" in text for text in figures)


def test_a_gate_says_why() -> None:
    """The receive side of Track 2 as trained needs 603.264 of 600 MFLOPS; absorbed, 594.048."""
    found = page(CheckReport([audit("track2", rvq="projected")], 1))
    assert found.all("h1")[0].text == "1 target: 1 fail"
    assert {span.text for span in found.all("span")} == {"pass", "fail"}
    assert any("absorb the output projections" in item.text for item in found.all("li"))


def test_a_summary_of_many_can_be_sorted() -> None:
    found = page(CheckReport([audit("track1"), audit("track2")], 0, by_target=True))
    (table,) = found.all("table")
    assert "data-list" in table.attributes
    assert [row.all("th")[0].text for row in table.all("tbody")[0].all("tr")] == [
        "track1",
        "track2",
    ]


def test_only_lists_may_be_sorted(track1: str) -> None:
    """The totals stand in an order that means something; the layers may be in any."""
    tables = read(track1).all("table")
    captions = [t.all("caption")[0].text for t in tables if "data-list" in t.attributes]
    assert captions == ["Layers in the order of the signal"]


def test_the_same_audit_gives_the_same_bytes(track1: str) -> None:
    assert HtmlFormat().render(AuditReport(audit("track1"))) == track1
