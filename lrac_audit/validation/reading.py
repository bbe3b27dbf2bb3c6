"""Validation of objects and of files they are read from, with every problem at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.validation.declaration import part
from lrac_audit.validation.kinds import NOTHING

T = TypeVar("T")


def check(value: object, name: object) -> None:
    """Check an object of a dataclass: its fields, then the rules between them.

    Raises:
        InputError: under the ``name`` of the object, or its type's; with every problem.
    """
    kind = part(type(value))
    if not kind.accepts(value):
        source = name if isinstance(name, str) else type(value).__name__
        raise InputError(source, kind.problems(value))


class Format(NamedTuple):
    """A key that says which format a file is in, with the version of that format."""

    key: str
    version: int


def read(cls: type[T], tree: Any, source: str, file_format: Format | None = None) -> T:
    """Return the object of ``cls`` that ``tree``, the content of the file ``source``, describes.

    Raises:
        InputError: with every problem of the file, and the lines where ``tree`` knows them.
    """
    content = tree
    if file_format is not None:
        check_format(tree, source, file_format)
        content = {key: value for key, value in tree.items() if key != file_format.key}
    found: list[Problem] = []
    try:
        value = part(cls).read(content, "", found, {})
    except InputError as error:
        raise InputError(source, with_lines(merged(found, error.problems), tree)) from None
    if found:
        raise InputError(source, with_lines(merged(found, ()), tree))
    assert isinstance(value, cls)
    return value


def check_format(tree: Any, source: str, file_format: Format) -> None:
    """Make sure that ``tree`` is a mapping in that format.

    Raises:
        InputError: it is in another one, or in none.
    """
    key, version = file_format
    given = tree.get(key, NOTHING) if isinstance(tree, dict) else NOTHING
    if given != version or isinstance(given, bool):
        problem = Problem(key, shown(given), f"{version}, the version of the format")
        raise InputError(source, with_lines([problem], tree))


def merged(structural: Sequence[Problem], found: Iterable[Problem]) -> list[Problem]:
    """Return the problems of a file's structure and those of the object read from it.

    A part that could not be read was replaced by an empty or a shorter one, whose own problems
    are not those of the file. So problems inside a part that is broken as a whole are left out,
    and so are broken rules that compare a part which was cut short.
    """
    broken = frozenset(problem.field for problem in structural)
    short = broken.union(*(problem.involved for problem in structural))
    kept = [problem for problem in structural if broken.isdisjoint(parts_around(problem.field))]
    for problem in found:
        concerned = not broken.isdisjoint((problem.field, *parts_around(problem.field)))
        compared = (part for field in problem.involved for part in (field, *parts_around(field)))
        if not concerned and short.isdisjoint(compared):
            kept.append(problem)
    return kept


def parts_around(field: str) -> list[str]:
    """Return the parts that ``field`` lies in, from the whole file inwards."""
    ends = [match.start() for match in re.finditer(r"[.\[]", field)]
    return ["", *(field[:end] for end in ends)] if field else []


def with_lines(problems: Iterable[Problem], tree: Any) -> list[Problem]:
    """Return ``problems`` with the lines of their fields, as far as ``tree`` knows them."""
    return [problem._replace(line=line_of(tree, problem.field)) for problem in problems]


def line_of(tree: Any, field: str) -> int | None:
    """Return the line of ``field``, or of the innermost part around it that is there."""
    line = None
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", field):
        step = int(index) if index else key
        try:
            line, tree = tree.lines[step], tree[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
