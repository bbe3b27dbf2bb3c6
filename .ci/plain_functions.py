"""Rewrite decorated functions so that a mutation tester looks inside them.

mutmut leaves every decorated function alone, and so each property, each cost formula and each check
that is entered in a registry. Here ``@decorate def name`` becomes ``def name`` and then
``name = decorate(name)``, which means the same. Caches are left out: a result that is kept from
before a mutant is switched on would hide what the mutant does.

    plain_functions.py FOLDER_OR_FILE...
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

KEPT = {"staticmethod", "classmethod", "abstractmethod", "overload"}
"""Decorators that mutmut copes with, or whose functions have no body to mutate."""
WITHOUT_CACHE = {"cache": None, "lru_cache": None, "cached_property": "property"}


def plain(source: str) -> str:
    """Return ``source`` with the decorators of functions written as calls after them."""
    while function := next(_decorated(ast.parse(source)), None):
        lines = source.splitlines()
        first, last = function.decorator_list[0].lineno - 1, function.end_lineno
        calls = [
            f"{' ' * function.col_offset}{function.name} = {text}({function.name})"
            for text in map(_text, reversed(function.decorator_list))
            if text is not None
        ]
        lines[first:last] = [*lines[function.lineno - 1 : last], *calls]
        source = "\n".join(lines) + "\n"
    return source


def _decorated(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            names = {_name(decorator) for decorator in node.decorator_list}
            if not names & KEPT:
                yield node


def _name(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)


def _text(decorator: ast.expr) -> str | None:
    return WITHOUT_CACHE.get(_name(decorator), ast.unparse(decorator))


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            file.write_text(plain(file.read_text()))
