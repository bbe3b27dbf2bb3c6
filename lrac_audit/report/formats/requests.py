"""Requests for formats: what ``--format`` and ``--output`` say, and where each rendering goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrac_audit.console.output import Output
from lrac_audit.console.written_files import STANDARD_STREAM
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.formats import registry


def outputs(
    requested: Sequence[str] | None, output: Path | None, allowed: Sequence[str]
) -> list[Output]:
    """Return the renderings that ``--format`` and ``--output`` ask for.

    Each request is ``FORMAT`` or ``FORMAT=FILE``; ``output`` is the file of the one format that
    names none itself. The file ``-`` is standard output.

    Raises:
        InputError: a format is unknown, it is not clear which format ``output`` is for, or one that
            is no text has no file.
    """
    chosen = [_output(request, allowed) for request in requested or allowed[:1]]
    if output is not None:
        place = _place_without_file(chosen, output)
        chosen[place] = Output(chosen[place].format, _file(output))
    for one in chosen:
        if one.path is None and not registry.FORMATS[one.format].is_text:
            example = f"a file, such as -o design.{one.format}"
            raise InputError("options", [Problem("--output", f"none for {one.format}", example)])
    return chosen


def _place_without_file(chosen: Sequence[Output], output: Path) -> int:
    """Return which of ``chosen`` goes to ``output``: the only one that has no file yet."""
    places = [i for i, one in enumerate(chosen) if one.path is None]
    if len(places) != 1:
        given = f"{shown(str(output))} for {len(places)} formats"
        wanted = "one format without a file of its own; write --format FORMAT=FILE for the others"
        raise InputError("options", [Problem("--output", given, wanted)])
    return places[0]


def _output(request: str, allowed: Sequence[str]) -> Output:
    name, equals, file = request.partition("=")
    if name not in allowed or (equals and not file):
        wanted = one_of(allowed, name, ", or one of them with =FILE behind it")
        raise InputError("options", [Problem("--format", shown(request), wanted)])
    return Output(name, _file(Path(file)) if file else None)


def _file(path: Path) -> Path | None:
    return None if path == STANDARD_STREAM else path
