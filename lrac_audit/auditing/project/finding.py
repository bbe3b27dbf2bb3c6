"""Find the configuration of a project, and read it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from lrac_audit.auditing.project.configuration import Project
from lrac_audit.design.yaml_source import MAX_FILE_BYTES, read_yaml
from lrac_audit.errors import InputError, Problem, printable
from lrac_audit.files import check_regular_file, exists
from lrac_audit.validation.reading import read

OWN_FILE = "lrac-audit.yaml"
PYTHON_PROJECT = "pyproject.toml"
TOML_SUFFIX = ".toml"
TABLE = ("tool", "lrac-audit")
TABLE_NAME = f"[{'.'.join(TABLE)}]"
REPOSITORY = ".git"


class ProjectFile(NamedTuple):
    """A configuration and the file that holds it."""

    path: Path
    project: Project


def find_project(start: Path) -> ProjectFile | None:
    """Return the configuration of the nearest folder that has one; None where none has.

    It is sought in ``start``, then in the folders around it up to the root of the repository, or
    where there is none to that of the file system.

    Raises:
        InputError: a folder has two of them, or the file cannot be used.
    """
    for folder in _folders(start):
        found = [each for each in map(_in_file, _candidates(folder)) if each is not None]
        if len(found) > 1:
            names = " and ".join(str(path) for path, _ in found)
            raise InputError(str(folder), [Problem("", f"two configurations, {names}", "one")])
        for path, tree in found:
            return _parsed(path, tree)
    return None


def read_project(path: Path) -> ProjectFile:
    """Return the configuration in the file at ``path``, TOML by its suffix and otherwise YAML.

    Raises:
        InputError: there is none, or it cannot be used.
    """
    found = _in_file(path)
    if found is None:
        _refuse(path, f"no table {TABLE_NAME}", f"a file with {TABLE_NAME}, or a YAML file")
    return _parsed(*found)


def _folders(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        yield folder
        if exists(folder / REPOSITORY):
            return


def _candidates(folder: Path) -> list[Path]:
    return [path for name in (PYTHON_PROJECT, OWN_FILE) if exists(path := folder / name)]


def _in_file(path: Path) -> tuple[Path, Any] | None:
    """Return what a file holds with its path; None for a TOML file that is not about this."""
    check_regular_file(path)
    if path.suffix.lower() != TOML_SUFFIX:
        return path, read_yaml(path)
    tree: Any = _read_toml(path)
    for key in TABLE:
        if not isinstance(tree, Mapping) or key not in tree:
            return None
        tree = tree[key]
    return path, tree


def _read_toml(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_FILE_BYTES:
        _refuse(path, "a larger file", f"at most {MAX_FILE_BYTES} bytes of TOML")
    try:
        return tomllib.loads(path.read_bytes().decode())
    except (ValueError, RecursionError) as error:
        _refuse(path, f"no TOML: {printable(str(error))}", "a TOML file")


def _parsed(path: Path, tree: Any) -> ProjectFile:
    table = f": {TABLE_NAME}" if path.suffix.lower() == TOML_SUFFIX else ""
    return ProjectFile(path, read(Project, tree, f"{path}{table}"))


def _refuse(path: Path, given: str, allowed: str) -> NoReturn:
    raise InputError(str(path), [Problem("", given, allowed)])
