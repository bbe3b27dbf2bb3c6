"""Manifests of the 2026 edition of the public data repository: JSON Lines, one file a line.

They have the lengths of files in samples, so that no file needs to be opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from lrac_audit.errors import InputError, Problem, one_of, shown
from reference_models.audio.reading import MAX_RATE_HZ, MAX_RESPONSE_CHANNELS, MIN_RATE_HZ
from reference_models.data.manifest import Entry, Labels, Manifest, checked, read_lines, refused

KINDS = ("speech", "noise", "rir")
GENDERS = {"m": "m", "male": "m", "f": "f", "female": "f"}
"""``m`` or ``f`` by the words for them; other words are taken for unknown."""

Field = tuple[Callable[[Any], bool], str]


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_below_root(value: Any) -> bool:
    path = PurePosixPath(value) if _text(value) else None
    return path is not None and not path.is_absolute() and ".." not in path.parts


def _whole(smallest: int, largest: int) -> Field:
    def is_allowed(value: Any) -> bool:
        return type(value) is int and smallest <= value <= largest

    return is_allowed, f"a whole number from {smallest} to {largest}"


REQUIRED: Mapping[str, Field] = {
    "id": (_text, "text"),
    "dataset": (_text, "text"),
    "media_kind": (lambda value: value in KINDS, one_of(KINDS)),
    "audio_path": (_is_below_root, "a relative path without .."),
    "sample_rate_hz": _whole(MIN_RATE_HZ, MAX_RATE_HZ),
    "channels": _whole(1, MAX_RESPONSE_CHANNELS),
    "frame_count": _whole(1, 2**53),
}
OPTIONAL: Mapping[str, Field] = {
    name: (lambda value: value is None or isinstance(value, str), "text or null")
    for name in ("split", "speaker_id", "language", "gender")
}


def load_json_lines(path: Path, root: Path, kind: str | None = None) -> Manifest:
    """Return the files that the lines at ``path`` list, of one ``kind`` or of all.

    Paths start at ``root``. Speakers are called after their data set too, since data sets count
    speakers alike.

    Raises:
        InputError: the file cannot be read, has wrong lines, or has no file of the kind; all
            problems are named.
    """
    if kind is not None and kind not in KINDS:
        raise InputError("options", [Problem("--kind", shown(kind), one_of(KINDS, kind))])
    entries, problems = [], []
    for number, line in enumerate(read_lines(path).split("\n"), start=1):
        if not line.strip():
            continue
        fields, wrong = _fields(line)
        problems += [one._replace(field=f"line {number}{one.field}") for one in wrong]
        if not wrong and kind in (None, fields["media_kind"]):
            entries.append(_entry(fields, root))
    if problems:
        raise refused(str(path), problems)
    return checked(str(path), tuple(entries), f"at least one file of {kind or 'any kind'}")


def _fields(line: str) -> tuple[Mapping[str, Any], list[Problem]]:
    """Return the fields of a line, and all that is wrong with them."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return {}, [Problem("", shown(line), "a JSON object")]
    problems = [
        Problem(f", {name}", shown(fields[name]) if name in fields else "nothing", allowed)
        for name, (is_allowed, allowed) in {**REQUIRED, **OPTIONAL}.items()
        if not is_allowed(fields.get(name))
    ]
    return fields, problems


def _entry(fields: Mapping[str, Any], root: Path) -> Entry:
    dataset, speaker = fields["dataset"], fields.get("speaker_id")
    gender = GENDERS.get((fields.get("gender") or "").casefold(), "")
    language, part = (fields.get(name) or "" for name in ("language", "split"))
    checksum = fields.get("checksum")
    labels = Labels(dataset, language, gender, part, str(checksum) if _text(checksum) else "")
    return Entry(
        uid=fields["id"],
        path=root / fields["audio_path"],
        speaker=f"{dataset}/{speaker}" if speaker else None,
        duration_s=fields["frame_count"] / fields["sample_rate_hz"],
        sample_rate_hz=fields["sample_rate_hz"],
        labels=labels,
    )
