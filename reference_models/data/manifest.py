"""Manifests: lists of audio files with their speakers, lengths and rates.

A manifest is a CSV file with the columns ``uid, path, speaker, duration_s, sample_rate_hz``, and
those of :class:`Labels` where entries have any. A path that is not absolute is relative to the
manifest's folder, so that a data set can move as a whole.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import READABLE, check_regular_file, path_error, write_text
from reference_models.audio.conversion import converted_samples
from reference_models.audio.reading import MAX_RATE_HZ, MIN_RATE_HZ

FIELDS = ("uid", "path", "speaker", "duration_s", "sample_rate_hz")
MAX_FILE_BYTES = 1 << 30
SHOWN_PROBLEMS = 20


class Labels(NamedTuple):
    """The labels that the publisher of a corpus gave a file; empty where there are none."""

    dataset: str = ""
    language: str = ""
    gender: str = ""
    """``m`` or ``f``."""
    split: str = ""
    """The part of a frozen split, such as ``train``."""
    checksum: str = ""
    """Of the file, such as ``sha256:`` and its digits."""


NO_LABELS = Labels()


class Entry(NamedTuple):
    """One audio file."""

    uid: str
    """Its name, which no other entry has."""
    path: Path
    speaker: str | None
    """None when it is not known."""
    duration_s: float
    sample_rate_hz: int
    labels: Labels = NO_LABELS

    def samples(self, rate_hz: int) -> int:
        """Return the length per channel at ``rate_hz``."""
        samples = round(self.duration_s * self.sample_rate_hz)
        return converted_samples(samples, self.sample_rate_hz, rate_hz)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Audio files, each with a name of its own; at least one."""

    source: str
    """Where it came from, for messages."""
    entries: tuple[Entry, ...]

    @property
    def hours(self) -> float:
        """Total length in hours."""
        return math.fsum(entry.duration_s for entry in self.entries) / 3600

    def with_entries(self, entries: Iterable[Entry], what: str) -> Manifest:
        """Return a manifest of ``entries`` from the same source; ``what`` names them in messages.

        Raises:
            InputError: there are no ``entries``.
        """
        return checked(self.source, tuple(entries), f"at least one entry {what}")


def checked(
    source: str, entries: tuple[Entry, ...], wanted: str = "at least one entry"
) -> Manifest:
    """Return a manifest of ``entries``.

    Raises:
        InputError: there are none, or some share their name; all of those are named.
    """
    if not entries:
        raise InputError(source, [Problem("", "no entries", wanted)])
    check_names([entry.uid for entry in entries], source)
    return Manifest(source, entries)


def check_names(uids: Sequence[str], source: str) -> None:
    """Check that no two names of ``source`` are the same.

    Raises:
        InputError: some are; all of those are named.
    """
    problems = [
        Problem(f"uid {shown(uid)}", f"{count} times", "once")
        for uid, count in Counter(uids).items()
        if count > 1
    ]
    if problems:
        raise refused(source, problems)


def load_manifest(path: Path) -> Manifest:
    """Return the manifest in the CSV file at ``path``; the audio itself is not read.

    Raises:
        InputError: the file cannot be read, or has no entry or wrong ones; all are named.
    """
    entries, problems = [], []
    for line, row in read_rows(path, FIELDS):
        entry = _entry(row, path.parent)
        if isinstance(entry, Entry):
            entries.append(entry)
        else:
            problems += [
                problem._replace(field=f"line {line}, {problem.field}") for problem in entry
            ]
    if problems:
        raise refused(str(path), problems)
    return checked(str(path), tuple(entries))


def save_manifest(manifest: Manifest, path: Path) -> None:
    """Write ``manifest`` as CSV; paths below the folder of ``path`` become relative to it.

    Raises:
        InputError: the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    labelled = any(entry.labels != NO_LABELS for entry in manifest.entries)
    writer.writerow([*FIELDS, *(Labels._fields if labelled else ())])
    folder = path.parent.absolute()
    for entry in manifest.entries:
        audio = entry.path.absolute()
        shown_path = audio.relative_to(folder) if audio.is_relative_to(folder) else audio
        labels = entry.labels if labelled else ()
        row = [entry.uid, shown_path, entry.speaker or "", entry.duration_s, entry.sample_rate_hz]
        writer.writerow([*row, *labels])
    write_text(path, text.getvalue())


def read_rows(path: Path, required: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Return line number and cells of each row of a CSV file with a header, without empty lines.

    Raises:
        InputError: the file cannot be read, lacks a column that is ``required``, or has rows with
            more cells than columns; all are named.
    """
    reader = csv.DictReader(io.StringIO(read_lines(path)), restval="")
    header = reader.fieldnames or ()
    if any(name not in header for name in required):
        given = shown(", ".join(header)) if header else "no header"
        allowed = f"a header with the columns {', '.join(required)}"
        raise InputError(str(path), [Problem("header", given, allowed)])
    rows, problems = [], []
    try:
        for row in reader:
            if None in row:
                allowed = f"{len(header)} cells, text with commas in quotes"
                problems.append(Problem(f"line {reader.line_num}", "more cells", allowed))
            rows.append((reader.line_num, {name: row[name].strip() for name in header}))
    except csv.Error as error:
        problems.append(Problem(f"line {reader.line_num}", f"no CSV: {error}", "CSV"))
    if problems:
        raise refused(str(path), problems)
    return rows


def read_lines(path: Path) -> str:
    """Return the text of the file at ``path``, with any line ends, without a byte order mark.

    Raises:
        InputError: it cannot be read, is larger than :data:`MAX_FILE_BYTES`, or is no UTF-8 text.
    """
    check_regular_file(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            problem = Problem("", "a larger file", f"at most {MAX_FILE_BYTES} bytes")
            raise InputError(str(path), [problem])
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(str(path), [Problem("", "binary data", "text in UTF-8")]) from None
    except OSError as error:
        raise path_error(path, error, READABLE) from None
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def refused(source: str, problems: list[Problem]) -> InputError:
    """Return an error with the first of ``problems`` and the number of the others."""
    more = len(problems) - SHOWN_PROBLEMS
    if more > 0:
        rest = Problem("", f"{more} more problems of this kind", "none")
        problems = [*problems[:SHOWN_PROBLEMS], rest]
    return InputError(source, problems)


def _entry(row: dict[str, str], folder: Path) -> Entry | list[Problem]:
    problems = [Problem(name, "nothing", "a value") for name in ("uid", "path") if not row[name]]
    duration_s, rate_hz = number_in(row["duration_s"]), number_in(row["sample_rate_hz"])
    if duration_s is None or not 0 < duration_s < math.inf:
        problems.append(Problem("duration_s", shown(row["duration_s"]), "seconds above 0"))
    if rate_hz is None or not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ or rate_hz % 1:
        allowed = f"a whole number from {MIN_RATE_HZ} to {MAX_RATE_HZ}"
        problems.append(Problem("sample_rate_hz", shown(row["sample_rate_hz"]), allowed))
    if problems or duration_s is None or rate_hz is None:
        return problems
    labels = Labels(*(row.get(name, "") for name in Labels._fields))
    speaker = row["speaker"] or None
    return Entry(row["uid"], folder / row["path"], speaker, duration_s, int(rate_hz), labels)


def number_in(cell: str) -> float | None:
    """Return the number in a cell; None if it holds no number."""
    try:
        return float(cell)
    except ValueError:
        return None
