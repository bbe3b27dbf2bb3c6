"""The walls of the house: which room may import which."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("lrac_audit", "reference_models")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_imports_keep_the_contracts(monkeypatch, capsys):
    """The contracts stand in pyproject.toml: no arrow upwards, no circle, no way back."""
    cli = pytest.importorskip("importlinter.cli", reason="import-linter is not installed")
    monkeypatch.chdir(ROOT)
    status = cli.lint_imports(no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_the_command_line_is_built_on_typer_alone():
    """Typer brings what it needs; nothing here reaches behind it."""
    pattern = re.compile(r"^\s*(import|from) click\b", re.MULTILINE)
    assert [path for path in FILES if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_public_functions_and_classes_say_what_they_do():
    """A docstring is a sentence; ``Of ...`` and ``What ...`` open none."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                if re.match(r"(Of|What)\b", text):
                    name = getattr(node, "name", "module")
                    found.append(f"{path.relative_to(ROOT)}: {name}: {text.splitlines()[0]}")
    assert found == []
