"""Selection of files by thresholds on their measures, then by strata, with the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem
from reference_models.corpus.measurement import Measurement, Rows
from reference_models.corpus.rows import check_complete
from reference_models.corpus.strata import Strata, draw, speaker_genders, speaker_of
from reference_models.corpus.thresholds import Threshold
from reference_models.data.manifest import Entry, Manifest, read_lines, read_rows

UNREADABLE = "cannot be read"


class Selection(NamedTuple):
    """The files that are kept, and the reasons why the others went."""

    original: Manifest
    kept: tuple[Entry, ...]
    reasons: Mapping[str, tuple[str, ...]]
    """Every reason why a file went, by uid; those of strata only for what keeps the thresholds."""
    genders: Mapping[str, str]
    """``m``, ``f`` or ``unknown`` by speaker."""


def select(
    manifest: Manifest,
    rows: Rows,
    thresholds: Sequence[Threshold],
    strata: Strata,
    annotated: Mapping[str, str],
) -> Selection:
    """Return what of ``manifest`` keeps ``thresholds`` and is drawn from ``strata``.

    ``rows`` are its measurements, ``annotated`` genders by speaker where they are known. Where they
    are not, the labels of the manifest count, and then the pitch.

    Raises:
        InputError: an entry was not measured, or nothing is kept.
    """
    check_complete(manifest, rows, "the table", "measurement")
    reasons = {}
    good = []
    for entry in manifest.entries:
        row = rows[entry.uid]
        broken = (UNREADABLE,) if row.error else broken_thresholds(row, thresholds)
        if broken:
            reasons[entry.uid] = broken
        else:
            good.append(entry)
    labelled = {speaker_of(e): e.labels.gender for e in manifest.entries if e.labels.gender}
    genders = speaker_genders(manifest.entries, rows, labelled | dict(annotated))
    drawn = draw(good, genders, strata)
    reasons |= {uid: (reason,) for uid, reason in drawn.reasons.items()}
    kept = tuple(entry for entry in manifest.entries if entry.uid in drawn.kept)
    if not kept:
        raise InputError(manifest.source, [_nothing_kept(reasons)])
    return Selection(manifest, kept, reasons, genders)


def _nothing_kept(reasons: Mapping[str, Sequence[str]]) -> Problem:
    counts = Counter(reason for own in reasons.values() for reason in own)
    listed = ", ".join(f"{count} for `{reason}`" for reason, count in counts.most_common())
    return Problem("", f"no file that is kept; they go {listed}", "looser thresholds or strata")


def broken_thresholds(row: Measurement, thresholds: Sequence[Threshold]) -> tuple[str, ...]:
    """Return the thresholds that ``row`` does not keep, as text."""
    return tuple(str(one) for one in thresholds if not one.is_kept_by(row))


def load_speakers(path: Path) -> frozenset[str]:
    """Return the speakers in a list: the column ``speaker`` of a CSV file, or the first words.

    Raises:
        InputError: the file cannot be read, or names nobody.
    """
    if path.suffix.lower() == ".csv":
        names = {row["speaker"] for _, row in read_rows(path, ("speaker",))}
    else:
        names = {line.split()[0] for line in read_lines(path).split("\n") if line.strip()}
    names.discard("")
    if not names:
        allowed = "a CSV file with a column speaker, or lines that start with a speaker"
        raise InputError(str(path), [Problem("", "no speakers", allowed)])
    return frozenset(names)
