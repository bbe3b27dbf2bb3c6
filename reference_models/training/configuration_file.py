"""Reading of training configurations, and writing them as plain data."""

from __future__ import annotations

from copy import copy
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from lrac_audit.design.formats import load_design
from lrac_audit.design.native import design_tree
from lrac_audit.design.yaml_source import Tree, read_yaml
from lrac_audit.errors import InputError, Problem
from lrac_audit.files import exists
from lrac_audit.presets import PRESETS as DESIGNS
from lrac_audit.validation.kinds import NOTHING
from lrac_audit.validation.reading import check_format, read, with_lines
from reference_models.training.configuration import DESIGN_FILE, FORMAT, Configuration
from reference_models.training.configurations import CONFIGURATIONS, FOLDER


def load_configuration(name: str | Path) -> Configuration:
    """Return the configuration called ``name``, or else the one in the YAML file at that path.

    Raises:
        InputError: there is no such file, or it is no valid configuration; with every problem.
    """
    source = str(name)
    path = FOLDER / f"{source}.yaml" if source in CONFIGURATIONS else Path(source)
    if not exists(path):
        allowed = f"a file, or one of {', '.join(CONFIGURATIONS)}"
        raise InputError(source, [Problem("", "no such file", allowed)])
    return parse_configuration(read_yaml(path), source, path.parent)


def parse_configuration(tree: Tree, source: str, folder: Path) -> Configuration:
    """Return the configuration that ``tree``, the content of a YAML file in ``folder``, holds.

    Raises:
        InputError: with every problem found.
    """
    check_format(tree, source, FORMAT)
    assert isinstance(tree, dict)  # as checked
    problems: list[Problem] = []
    tree = copy(tree)  # a copy of the mapping itself, which knows the lines of its keys
    tree["design"] = _design(tree.get("design", NOTHING), folder, problems)
    try:
        return read(Configuration, tree, source, FORMAT)
    except InputError as error:
        others = [found for found in error.problems if found.field != "design"]
        problems = with_lines(problems, tree)
        raise InputError(source, [*problems, *others] if problems else error.problems) from None


def configuration_tree(configuration: Configuration) -> dict[str, Any]:
    """Return ``configuration`` as plain data, its design written out."""
    names = (name for name in Configuration.__slots__ if name != "design")
    values = {name: _plain(getattr(configuration, name)) for name in names}
    values["design"] = design_tree(configuration.design)
    return {FORMAT.key: FORMAT.version, **values}


def _plain(value: Any) -> Any:
    """Return a field as plain data."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _design(name: Any, folder: Path, problems: list[Problem]) -> Any:
    """Return the design called ``name``; or add ``problems`` and return a value that is none."""
    problems += (problem.inside("design") for problem in DESIGN_FILE.problems(name))
    if problems:
        return name
    try:
        return load_design(name if name in DESIGNS else folder / name).design
    except InputError as error:
        problems += (problem.inside("design") for problem in error.problems)
        return name
