"""Parse the ``--arg`` options of the command line. This module needs no torch."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.design.yaml_source import parse_yaml
from lrac_audit.errors import InputError, Problem, shown


def parse_arguments(words: Sequence[str]) -> dict[str, object]:
    """Return the keyword arguments that ``name=value`` words give; a value is a YAML scalar.

    Raises:
        InputError: words that are no such pair, or give a name twice; all of them are listed.
    """
    found: dict[str, object] = {}
    problems = []
    for word in words:
        name, equals, text = word.partition("=")
        value = parse_yaml(text, "options") if equals else None
        if not name.isidentifier() or not equals or isinstance(value, dict | list):
            allowed = "NAME=VALUE, the value a number, true, false, null or text"
            problems.append(Problem("--arg", shown(word), allowed))
        elif name in found:
            problems.append(Problem("--arg", f"{shown(name)} twice", "each name once"))
        found[name] = value
    if problems:
        raise InputError("options", problems)
    return found
