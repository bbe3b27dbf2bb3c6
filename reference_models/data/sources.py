"""Sources of lists of audio files: folders, Kaldi lists and CSV files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import READABLE, exists, is_folder, path_error
from reference_models.data.manifest import read_lines, read_rows, refused

SUFFIXES = (".wav", ".flac")


class Listed(NamedTuple):
    """An audio file in a list, which has not been opened yet."""

    uid: str
    path: Path
    speaker: str | None


def find(source: Path, utt2spk: Path | None = None) -> list[Listed]:
    """Return the audio files of ``source``: a folder, a ``.csv`` file, or a Kaldi ``wav.scp``.

    Raises:
        InputError: it cannot be read, has wrong lines, or has nothing; every problem is named.
    """
    if is_folder(source) and not (source / "wav.scp").is_file():
        listed = _in_folder(source)
    elif source.suffix.lower() == ".csv":
        listed = _in_csv(source)
    else:
        folder = is_folder(source)
        listed = _in_scp(source / "wav.scp" if folder else source)
        beside = (source if folder else source.parent) / "utt2spk"
        utt2spk = beside if utt2spk is None and beside.is_file() else utt2spk
    if not listed:
        allowed = f"at least one file that ends in {' or '.join(SUFFIXES)}"
        raise InputError(str(source), [Problem("", "nothing to list", allowed)])
    return listed if utt2spk is None else _with_speakers(listed, utt2spk)


def pairs(path: Path, fields: str) -> dict[str, str]:
    """Return a Kaldi file of two columns, such as ``utt2spk``: second column by the first.

    Raises:
        InputError: the file cannot be read, or a line is not ``fields``; all are named.
    """
    found: dict[str, str] = {}
    problems = []
    for number, line in enumerate(read_lines(path).split("\n"), start=1):
        words = line.split()
        if len(words) == 2 and words[0] not in found:
            found[words[0]] = words[1]
        elif words:
            allowed = f"`{fields}`, each name once"
            problems.append(Problem(f"line {number}", shown(line), allowed))
    if problems:
        raise refused(str(path), problems)
    return found


def genders(path: Path) -> dict[str, str]:
    """Return a Kaldi ``spk2gender`` file: ``m`` or ``f`` by speaker.

    Raises:
        InputError: as :func:`pairs`, or a gender is neither.
    """
    found = pairs(path, "speaker gender")
    problems = [
        Problem(f"speaker {shown(speaker)}", shown(gender), "m or f")
        for speaker, gender in found.items()
        if gender not in ("m", "f")
    ]
    if problems:
        raise refused(str(path), problems)
    return found


def _in_folder(folder: Path) -> list[Listed]:
    """Return every audio file below ``folder``, by path; the first folder names the speaker."""
    listed = []

    def unreadable(error: OSError) -> None:
        raise path_error(Path(error.filename or folder), error, READABLE)

    for below, _, names in os.walk(folder, onerror=unreadable):
        for name in names:
            path = Path(below) / name
            if path.suffix.lower() in SUFFIXES:
                within = path.relative_to(folder)
                speaker = within.parts[0] if len(within.parts) > 1 else None
                listed.append(Listed(within.with_suffix("").as_posix(), path, speaker))
    return sorted(listed)


def _in_csv(source: Path) -> list[Listed]:
    """Return the files in a CSV with the columns ``uid``, ``path`` and perhaps ``speaker``."""
    listed, problems = [], []
    for line, row in read_rows(source, ("uid", "path")):
        if row["uid"] and row["path"]:
            path = source.parent / row["path"]
            listed.append(Listed(row["uid"], path, row.get("speaker") or None))
        else:
            problems.append(Problem(f"line {line}", shown(row), "a uid and a path"))
    if problems:
        raise refused(str(source), problems)
    return listed


def _in_scp(source: Path) -> list[Listed]:
    """Return the files in lines of ``uid path`` or ``uid rate path``; a path may hold spaces.

    The public data scripts put the sample rate into the middle; it is read from headers. Paths are
    relative to where the program runs, as in Kaldi, or else to the file's own folder or one above
    it: in a release of the 2026 edition, to the top of the release.
    """
    listed, problems = [], []
    for number, line in enumerate(read_lines(source).split("\n"), start=1):
        if not line.strip():
            continue
        uid, _, rest = line.strip().partition(" ") if "\t" not in line else line.partition("\t")
        rest = rest.strip()
        rate, _, path = rest.partition(" ")
        rest = path.strip() if rate.isdigit() and path.strip() else rest
        if not rest or rest.endswith("|"):
            allowed = "`uid path` or `uid rate path`, no command"
            problems.append(Problem(f"line {number}", shown(line), allowed))
            continue
        listed.append(Listed(uid.strip(), _located(rest, source.parent), None))
    if problems:
        raise refused(str(source), problems)
    return listed


def _located(text: str, folder: Path) -> Path:
    path = Path(text)
    if path.is_absolute() or exists(path):
        return path
    folder = folder.absolute()
    above = (one / path for one in folder.parents if exists(one / path))
    return folder / path if exists(folder / path) else next(above, folder / path)


def _with_speakers(listed: list[Listed], utt2spk: Path) -> list[Listed]:
    speakers = pairs(utt2spk, "utterance speaker")
    missing = [one.uid for one in listed if one.uid not in speakers]
    if missing:
        problems = [Problem(f"utterance {shown(uid)}", "no line", "a speaker") for uid in missing]
        raise refused(str(utt2spk), problems)
    return [one._replace(speaker=speakers[one.uid]) for one in listed]
