"""Pages read by the standard library's parser of HTML, which shares nothing with their writer."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = ("meta", "br", "input", "link", "img")


@dataclass
class Node:
    """One element as a reader finds it."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within, in order."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str) -> list[Node]:
        """Return the elements within of one tag, in order."""
        nodes = [child for child in self.children if isinstance(child, Node)]
        return [hit for node in nodes for hit in ([node] * (node.tag == tag) + node.all(tag))]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def finished(self) -> Node:
        assert self._open == [self.root]
        return self.root


def read(text: str) -> Node:
    """Return the document in ``text``, of which every element must be closed in its place."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.finished()
