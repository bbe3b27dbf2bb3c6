"""Write ``docs/api.md``, the interface in Python, from signatures and docstrings.

Run ``python -m tests.documents.api`` to write it anew. Sources are parsed, not imported, because
the docstring under a field is in the source alone.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import lrac_audit
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "api.md"
MODULES = (
    "lrac_audit.testing",
    "lrac_audit.design.kernel",
    "lrac_audit.design.parts",
    "lrac_audit.limits.limit_set",
    "lrac_audit.limits.check",
    "lrac_audit.limits.advice",
    "lrac_audit.limits.verdict",
    "lrac_audit.ledger.row",
    "lrac_audit.ledger.totals",
    "lrac_audit.ledger.conventions",
    "lrac_audit.witness.target",
    "reference_models.nn.build",
    "reference_models.nn.codec",
    "reference_models.streaming.live_codec",
    "reference_models.streaming.codec_stream",
    "reference_models.streaming.stream_delay",
    "reference_models.streaming.playout",
    "reference_models.streaming.concealment",
    "reference_models.streaming.engine",
)
"""Modules whose public classes and functions are described, after what the package exports."""

INTRODUCTION = """# The interface in Python

Written by `python -m tests.documents.api` from the signatures and docstrings of the source; a test
compares it with them. `import lrac_audit` gives the names of the first section; the others are
imported from their modules. Importing `lrac_audit` imports neither torch nor pandas nor openpyxl.
"""

Described = ast.ClassDef | ast.FunctionDef


def source_of(module: str) -> Path:
    """Return the path of a module's source."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)


def public(body: list[ast.stmt]) -> Iterator[Described]:
    """Yield the classes and functions of a body that have a public name and a docstring."""
    for node in body:
        if (
            isinstance(node, Described)
            and not node.name.startswith("_")
            and ast.get_docstring(node)
        ):
            yield node


def exported() -> Iterator[Described]:
    """Yield what the package itself offers, from the modules that define it."""
    for name in lrac_audit.__all__:
        if name != "__version__":
            module = inspect.getmodule(getattr(lrac_audit, name))
            assert module is not None
            tree = ast.parse(source_of(module.__name__).read_text(encoding="utf-8"))
            yield from (node for node in public(tree.body) if node.name == name)


def markdown(text: str) -> str:
    """Return a text of docstrings with single backquotes for roles and double ones."""
    return re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text).replace("``", "`")


def prose(node: Described) -> str:
    """Return the docstring as Markdown, its arguments as a list."""
    text = markdown(inspect.cleandoc(ast.get_docstring(node) or ""))
    text = re.sub(r"^    (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    return re.sub(r"^(Args|Raises|Returns|Yields|Example):\n", r"\1:\n\n", text, flags=re.MULTILINE)


def signature(node: ast.FunctionDef) -> str:
    """Return the signature of a function, one argument a line where it is long."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    line = f"{node.name}({ast.unparse(node.args)}){returns}"
    if len(line) <= 88:
        return line
    pieces = re.split(r", (?![^\[(]*[\])])", ast.unparse(node.args))  # not those in brackets
    return f"{node.name}(\n" + "".join(f"    {piece},\n" for piece in pieces) + f"){returns}"


def fields(node: ast.ClassDef) -> Iterator[str]:
    """Yield a list item for each public field, with its default and the docstring under it."""
    for here, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(here, ast.AnnAssign) or not isinstance(here.target, ast.Name):
            continue
        if here.target.id.startswith("_"):
            continue
        default = f" = {ast.unparse(here.value)}" if here.value else ""
        item = f"- `{here.target.id}: {ast.unparse(here.annotation)}{default}`"
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            note = " ".join(markdown(str(after.value.value)).split())
            item += f": {note[0].lower() + note[1:] if note[1:2].islower() else note}"
        yield item


def methods(node: ast.ClassDef) -> Iterator[str]:
    """Yield a list item for each public method and property, with its first sentence."""
    for method in public(node.body):
        if isinstance(method, ast.FunctionDef):
            summary = prose(method).split("\n\n")[0].replace("\n", " ")
            decorators = {ast.unparse(one) for one in method.decorator_list}
            calls = "" if decorators & {"property", "cached_property"} else "()"
            yield f"- `{method.name}{calls}`: {summary}"


def entry(node: Described) -> str:
    """Return the section of one class or function."""
    parts = [f"### `{node.name}`", prose(node)]
    if isinstance(node, ast.FunctionDef):
        parts.insert(1, f"```text\n{signature(node)}\n```")
    else:
        parts += ["\n".join(found) for found in (list(fields(node)), list(methods(node))) if found]
    return "\n\n".join(parts) + "\n"


def write() -> str:
    """Return the page."""
    sections = [INTRODUCTION, "## `lrac_audit`\n", *map(entry, exported())]
    for module in MODULES:
        tree = ast.parse(source_of(module).read_text(encoding="utf-8"))
        summary = markdown(ast.get_docstring(tree) or "").split("\n\n")[0]
        sections += [f"## `{module}`\n", f"{summary}\n", *map(entry, public(tree.body))]
    return "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(write(), encoding="utf-8")
