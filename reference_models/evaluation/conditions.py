"""Conditions such as ``noisy``: pairs of a codec's input and the reference of its output."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from reference_models.audio.reading import AudioFile, open_audio
from reference_models.data.manifest import check_names, refused
from reference_models.data.sources import find


class Pair(NamedTuple):
    """One utterance: input and reference."""

    uid: str
    source: AudioFile
    """Input of the codec."""
    reference: AudioFile
    """Reference of the output; the same file when a codec should change nothing."""


class Condition(NamedTuple):
    """Utterances of the same acoustic condition."""

    name: str
    pairs: tuple[Pair, ...]


def load_condition(name: str, sources: Path, references: Path) -> Condition:
    """Return the condition ``name``: utterances of two lists or folders, paired by name.

    Raises:
        InputError: a list cannot be read, an utterance has no reference, or a file is no audio; all
            of these are named.
    """
    inputs, clean = _named(sources), _named(references)
    missing = [Problem(shown(uid), "no reference", "one") for uid in inputs if uid not in clean]
    if missing:
        raise refused(str(references), missing)
    problems: list[Problem] = []
    pairs = []
    for uid, path in inputs.items():
        files = [_opened(one, problems) for one in (path, clean[uid])]
        if files[0] is not None and files[1] is not None:
            pairs.append(Pair(uid, files[0], files[1]))
    if problems:
        raise refused(name, problems)
    return Condition(name, tuple(pairs))


def _named(source: Path) -> dict[str, Path]:
    listed = find(source)
    check_names([one.uid for one in listed], str(source))
    return {one.uid: one.path for one in listed}


def _opened(path: Path, problems: list[Problem]) -> AudioFile | None:
    try:
        return open_audio(path)
    except InputError as error:
        problems += [p._replace(field=f"{path} {p.field}".strip()) for p in error.problems]
        return None
