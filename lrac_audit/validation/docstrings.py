"""Docstrings of a class and of its fields; Python itself does not keep the latter."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import is_dataclass


def summary(cls: type) -> str:
    """Return the first paragraph of the docstring of ``cls``, in one line."""
    return " ".join((inspect.getdoc(cls) or "").partition("\n\n")[0].split())


def field_docstrings(cls: type) -> dict[str, str]:
    """Return the docstring, in one line, of each field of ``cls`` that has one under it.

    Fields that a dataclass inherits are described where they are declared.
    """
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if is_dataclass(base):
            found |= _declared_docstrings(base)
    return found


def _declared_docstrings(cls: type) -> dict[str, str]:
    (declared,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    assert isinstance(declared, ast.ClassDef)
    found = {}
    for field, below in zip(declared.body, declared.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[field.target.id] = " ".join(text.split())
    return found
