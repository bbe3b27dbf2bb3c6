"""Reader of YAML that may be hostile: bounded in size, depth and expansion, plain data only.

PyYAML parses; the tree is put together here from its parser events, one at a time, so that the
bounds hold before anything is built and no YAML tag can name a Python object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import yaml

from lrac_audit.errors import InputError, Problem, printable, shown

YAML_FILE = "a file of YAML text in UTF-8"
MAX_FILE_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 100_000
"""Maximum number of nodes after aliases are expanded."""
MAX_SCALAR_CHARACTERS = 4096

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | float | bool | None"
"""Plain data of a YAML document."""


class LinedMapping(dict[str, "Tree"]):
    """A mapping that knows the lines of its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class LinedList(list["Tree"]):
    """A list that knows the lines of its entries."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


_FastLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EXPONENT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")
"""Numbers that YAML 1.2 and every other format know, and YAML 1.1 takes for text: 1e-4."""
_DISPUTED = re.compile(r"[-+]?(0[0-9_]+|[0-9_]+(:[0-9_]+)+(\.[0-9_]*)?)")
"""Numbers of YAML 1.1 in base 8 or 60, which YAML 1.2 takes for others or for text: 010, 1:30."""
FLOAT_TAG, _TEXT_TAG = "tag:yaml.org,2002:float", "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float"))


def read_yaml(path: Path) -> Tree:
    """Return the plain data of a YAML file: mappings, lists, text, numbers, truth values, null.

    Raises:
        InputError: the file cannot be read, is no YAML, or exceeds a bound of this module.
    """
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, source: str) -> Tree:
    """Return the same as :func:`read_yaml` from text; ``source`` names it in messages."""
    try:
        return _Builder(source).document(yaml.parse(text, Loader=_FastLoader))
    except yaml.MarkedYAMLError:
        # The parser in C reads ahead, has limits of its own and words its errors by its release.
        return _parse_slowly(text, source)
    except yaml.YAMLError as error:
        raise _refused(source, printable(str(error).splitlines()[0]), "valid YAML") from None


def _parse_slowly(text: str, source: str) -> Tree:
    """Parse by PyYAML's parser in Python, which has no limits but those of this module."""
    try:
        return _Builder(source).document(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        given = f"invalid YAML: {printable(str(error.problem))}"
        if mark is None:
            raise _refused(source, given, "valid YAML") from None
        where = f"column {mark.column + 1}"
        raise _refused(source, given, "valid YAML", where, mark.line + 1) from None


def _refused(
    source: str, given: str, allowed: str, field: str = "", line: int | None = None
) -> InputError:
    return InputError(source, [Problem(field, given, allowed, line=line)])


def read_text(path: Path, wanted: str = YAML_FILE) -> str:
    """Return the text of any file of at most :data:`MAX_FILE_BYTES`; messages say what is wanted.

    Raises:
        InputError: it cannot be read, is larger, or is no UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise _refused(str(path), "no such file", "an existing file") from None
    except IsADirectoryError:
        raise _refused(str(path), "a folder", wanted) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _refused(str(path), f"a path that fails: {reason}", "a readable file") from None
    if len(data) > MAX_FILE_BYTES:
        given = f"more than {MAX_FILE_BYTES} bytes, too many for YAML"
        raise _refused(str(path), given, wanted)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(str(path), "binary data", wanted) from None


def _line(event: yaml.Event) -> int:
    """Return the line of an event that has a place in the text, from 1."""
    assert event.start_mark is not None
    return event.start_mark.line + 1


class _Builder:
    """Builds plain data from parser events, counting what it builds."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._anchors: dict[str, tuple[Tree, int]] = {}
        self._nodes = 0
        self._resolve: Callable[..., str] = yaml.resolver.Resolver().resolve
        self._scalars = yaml.constructor.SafeConstructor()

    def document(self, events: Iterator[yaml.Event]) -> Tree:
        """Return the data of the one document that ``events`` are of; None where there is none.

        Raises:
            InputError: there are several, or it breaks a bound.
        """
        next(events)  # stream start
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        tree = self._node(events, next(events), depth=0)
        next(events)  # document end
        if not isinstance(next(events), yaml.StreamEndEvent):
            raise self._refuse("several documents", "one YAML document")
        return tree

    def _refuse(self, given: str, allowed: str, event: yaml.Event | None = None) -> InputError:
        line = None if event is None else _line(event)
        return _refused(self._source, given, allowed, line=line)

    def _count(self, nodes: int, event: yaml.Event) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            given = "more content, once its aliases are expanded"
            raise self._refuse(given, f"at most {MAX_NODES} values", event)

    def _node(self, events: Iterator[yaml.Event], event: yaml.Event, depth: int) -> Tree:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > MAX_DEPTH:
            raise self._refuse("deeper nesting", f"at most {MAX_DEPTH} levels", event)
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            raise self._refuse("no value", "a value", event)
        if event.tag not in (None, "!"):
            raise self._refuse(f"the tag {shown(event.tag)}", "plain values without tags", event)
        before = self._nodes
        self._count(1, event)
        tree: Tree
        if isinstance(event, yaml.ScalarEvent):
            tree = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            tree = self._sequence(events, depth)
        else:
            tree = self._mapping(events, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (tree, self._nodes - before)
        return tree

    def _alias(self, event: yaml.AliasEvent) -> Tree:
        if event.anchor not in self._anchors:
            allowed = "an alias of something that is complete before it"
            raise self._refuse(f"the alias {shown(event.anchor)}", allowed, event)
        tree, nodes = self._anchors[event.anchor]
        self._count(nodes, event)
        return tree

    def _sequence(self, events: Iterator[yaml.Event], depth: int) -> list[Tree]:
        items = LinedList()
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.lines.append(_line(event))
            items.append(self._node(events, event, depth + 1))
        return items

    def _mapping(self, events: Iterator[yaml.Event], depth: int) -> dict[str, Tree]:
        items = LinedMapping()
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse("a key that is no plain word", "words as keys", event)
            self._node(events, event, depth + 1)
            if event.value in items:
                raise self._refuse(f"the key {shown(event.value)} twice", "each key once", event)
            items.lines[event.value] = _line(event)
            items[event.value] = self._node(events, next(events), depth + 1)
        return items

    def _scalar(self, event: yaml.ScalarEvent) -> Tree:
        if len(event.value) > MAX_SCALAR_CHARACTERS:
            allowed = f"at most {MAX_SCALAR_CHARACTERS} characters"
            raise self._refuse("a longer value", allowed, event)
        tag = self._tag(event)
        if tag not in _PLAIN_TAGS:
            return str(event.value)
        node = yaml.ScalarNode(tag, event.value)
        try:
            value: Tree = self._scalars.construct_object(node)
        except (ValueError, OverflowError):
            raise self._refuse(f"the number {shown(event.value)}", "a number", event) from None
        return value

    def _tag(self, event: yaml.ScalarEvent) -> str:
        """Return what a scalar is; a number that versions of YAML read differently stays text."""
        is_plain = event.implicit[0]
        if is_plain and EXPONENT.fullmatch(event.value):
            return FLOAT_TAG
        if is_plain and _DISPUTED.fullmatch(event.value):
            return _TEXT_TAG
        return self._resolve(yaml.ScalarNode, event.value, event.implicit)
