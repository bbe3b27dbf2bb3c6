"""Elements of HTML, whose texts and attributes the standard library's serializer escapes."""

from __future__ import annotations

from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from lrac_audit.errors import printable

Child: TypeAlias = Element | str


def element(tag: str, *children: Child, **attributes: str) -> Element:
    """Return an element with its children and attributes; ``class_`` stands for ``class``.

    An underscore within the name of an attribute stands for a hyphen.
    """
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    found = Element(tag, {names[name]: printable(text) for name, text in attributes.items()})
    for child in children:
        append(found, child)
    return found


def append(parent: Element, child: Child) -> None:
    """Add ``child`` behind what ``parent`` has already; control characters of a text are escaped.

    The lines of a text are kept apart by line breaks.
    """
    if isinstance(child, Element):
        parent.append(child)
        return
    first, *others = map(printable, child.split("\n"))
    _append_text(parent, first)
    for line in others:
        SubElement(parent, "br").tail = line


def _append_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def embedded(tag: str, code: str) -> Element:
    """Return a style or a script, whose code is of this package and is not escaped."""
    found = Element(tag)
    found.text = f"\n{code}"
    return found


def html_text(root: Element) -> str:
    """Return a whole document in ASCII, which a pipe of any encoding keeps as it is."""
    text: bytes = tostring(root, encoding="us-ascii", method="html")
    return f"<!DOCTYPE html>\n{text.decode('ascii')}\n"
