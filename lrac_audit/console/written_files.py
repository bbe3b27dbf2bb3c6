"""Files that a command writes, checked before it starts.

An option whose value is written has one of the callbacks below. So no command writes over a file
that it reads, or writes one file twice, or works for an hour and finds no folder for the result.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import typer

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import check_other_file, check_writable_place, is_special

STANDARD_STREAM = Path("-")
WRITTEN = "lrac_audit.written_files"
"""The key of the paths that are written, by parameter, among the data of a command's context."""


def written_file(
    context: typer.Context, parameter: typer.CallbackParam, value: Path | None
) -> Path | None:
    """Note the file that an option or argument names as written."""
    _note(context, parameter, [] if value is None else [value])
    return value


def written_requests(
    context: typer.Context, parameter: typer.CallbackParam, value: list[str] | None
) -> list[str] | None:
    """Note the files that requests such as ``FORMAT=FILE`` name as written."""
    named = [request.partition("=")[2] for request in value or ()]
    _note(context, parameter, [Path(file) for file in named if file])
    return value


def written_pictures(
    context: typer.Context, parameter: typer.CallbackParam, value: list[str] | None
) -> list[str] | None:
    """Note the files that requests such as ``PICTURE.svg`` or ``PICTURE=FILE`` name as written."""
    named = [request.rpartition("=")[2] for request in value or ()]
    _note(context, parameter, [Path(file) for file in named if file])
    return value


def _note(context: typer.Context, parameter: typer.CallbackParam, paths: Iterable[Path]) -> None:
    written = context.meta.setdefault(WRITTEN, {})
    written[parameter.name] = [path for path in paths if path != STANDARD_STREAM]


def check_written_files(context: typer.Context) -> None:
    """Check the files that a command would write, before it does anything.

    Raises:
        InputError: one is a file that the command reads, or is written twice, or has no folder.
    """
    written = context.meta.get(WRITTEN, {})
    paths = [path for noted in written.values() for path in noted if not is_special(path)]
    for path in paths:
        check_writable_place(path)
    for one, other in combinations(paths, 2):
        _check_distinct(one, other)
    for name, value in context.params.items():
        for source in () if name in written else _files_in(value):
            for path in paths:
                check_other_file(path, source)


def _check_distinct(one: Path, other: Path) -> None:
    if os.path.realpath(one) == os.path.realpath(other):
        problem = Problem("", "one file for two outputs", "another file for each")
        raise InputError(str(other), [problem])


def _files_in(value: Any) -> Iterator[Path]:
    """Yield what may be a file in the value of a parameter, such as ``NAME=FILE``, or several."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, str):
        yield from (Path(value), Path(value.rpartition("=")[2]))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _files_in(item)
