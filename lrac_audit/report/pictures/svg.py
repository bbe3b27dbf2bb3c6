"""Figures as SVG: text stays text, and each marked element shows its text under the pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from lrac_audit.report.pictures.canvas import HOVER

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_PREFIXES = {f"{{{SVG}}}": "", f"{{{XLINK}}}": "xlink:"}


def svg_element(figure: Figure, prefix: str) -> Element:
    """Return a figure as an element of SVG, without namespaces, to stand in a page of HTML.

    ``prefix`` begins the identifiers in it, which must be unique in a page.
    """
    buffer = BytesIO()
    figure.savefig(buffer, format="svg")
    root = fromstring(buffer.getvalue())
    for node in list(root.iter()):
        _without_namespaces(node)
    for tag in ("metadata", "defs/style"):
        _remove(root, tag)
    for node in list(root.iter()):
        _show_on_hover(node)
    _rename(root, prefix)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    return root


def svg_file(figure: Figure) -> bytes:
    """Return a figure as an SVG file of its own."""
    root = svg_element(figure, "")
    root.attrib.update({"xmlns": SVG, "xmlns:xlink": XLINK})
    SubElement(root, "style").text = "* { stroke-linejoin: round; stroke-linecap: butt }"
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _without_namespaces(node: Element) -> None:
    node.tag = _short(node.tag)
    attributes = {_short(name): value for name, value in node.attrib.items()}
    node.attrib.clear()
    node.attrib.update(attributes)


def _short(name: str) -> str:
    for long, short in _PREFIXES.items():
        name = name.replace(long, short)
    return name


def _remove(root: Element, path: str) -> None:
    parent_path, _, tag = path.rpartition("/")
    for parent in root.iter(parent_path) if parent_path else [root]:
        for node in parent.findall(tag):
            parent.remove(node)


def _show_on_hover(node: Element) -> None:
    text = node.get("id", "")
    if text.startswith(HOVER):
        title = Element("title")
        title.text = text.removeprefix(HOVER)
        node.insert(0, title)


def _rename(root: Element, prefix: str) -> None:
    """Number the identifiers that something refers to, and leave out the others."""
    given = {node.get("id") for node in root.iter()}
    referred = dict.fromkeys(name for node in root.iter() for name in _references(node))
    names = {name: f"{prefix}{i}" for i, name in enumerate(referred) if name in given}
    for node in root.iter():
        own = names.get(node.attrib.pop("id", ""))
        for attribute, value in node.items():
            node.set(attribute, _REFERENCE.sub(lambda m: _renamed(m, names), value))
        if own is not None:
            node.set("id", own)


_REFERENCE = re.compile(r"(?<=^#)[\w.-]+|(?<=url\(#)[\w.-]+")
"""Refers to an element, or gives a colour that no element is called."""


def _references(node: Element) -> Iterator[str]:
    for value in node.attrib.values():
        yield from _REFERENCE.findall(value)


def _renamed(match: re.Match[str], names: Mapping[str, str]) -> str:
    return names.get(match[0], match[0])
