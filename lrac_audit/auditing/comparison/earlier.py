"""Audit documents that were written to files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import check_regular_file, exists

SUFFIX = ".json"
MAX_BYTES = 1 << 26
"""Size of the largest document that is read."""
KIND = "an audit document, as `lrac-audit audit --format json` writes it"


def is_document(target: str) -> bool:
    """Return whether ``target`` names a file with an audit document."""
    return Path(target).suffix.lower() == SUFFIX


def read_document(path: str) -> Mapping[str, Any]:
    """Return the audit document in a file, or the only one in the document of a gate.

    Raises:
        InputError: there is no such file, or it holds something else.
    """
    found = read_documents(path)
    if len(found) != 1:
        _refuse(path, f"a document of {len(found)} targets", "of one target")
    return found[0]


def read_documents(path: str) -> list[Mapping[str, Any]]:
    """Return the audit document in a file, or all of those in the document of a gate.

    Raises:
        InputError: there is no such file, or it holds something else.
    """
    if not exists(Path(path)):
        _refuse(path, "no such file", KIND)
    check_regular_file(Path(path))
    if Path(path).stat().st_size > MAX_BYTES:
        _refuse(path, "a file that is too large", f"at most {MAX_BYTES:,} bytes")
    try:
        found = json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError) as error:
        _refuse(path, f"no JSON: {str(error).splitlines()[0]}", KIND)
    of_gate = isinstance(found, dict) and isinstance(found.get("targets"), list)
    documents: list[Any] = found["targets"] if of_gate else [found]
    if not all(isinstance(each, dict) for each in documents):
        _refuse(path, "JSON of another kind", KIND)
    return documents


def _refuse(path: str, given: str, allowed: str) -> NoReturn:
    raise InputError(path, [Problem("", given, allowed)])
