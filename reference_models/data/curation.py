"""Which entries of a manifest are kept, and which are held out for validation."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest import Entry, Manifest, read_lines, read_rows

MIN_DURATION_S = 2.9
MAX_DURATION_S = 240.0
VALIDATION_UTTERANCES = 1000
MAX_UTTERANCES_PER_SPEAKER = 50
"""Speakers with more stay in training."""
SEED = 42


class Parts(NamedTuple):
    """A manifest in two."""

    training: Manifest
    validation: Manifest


def within_durations(manifest: Manifest, min_s: float, max_s: float) -> Manifest:
    """The entries that are longer than ``min_s`` and shorter than ``max_s``.

    Raises:
        InputError: there are none.
    """
    kept = (entry for entry in manifest.entries if min_s < entry.duration_s < max_s)
    return manifest.with_entries(kept, f"between {min_s:g} and {max_s:g} s")


def load_list(path: Path) -> frozenset[str]:
    """The names in a curated list.

    A CSV file with the column ``uid`` or else ``filename``, as the public data repository has them;
    of any other file the first word of each line.

    Raises:
        InputError: the file cannot be read, or names nothing.
    """
    if path.suffix.lower() == ".csv":
        rows = [row for _, row in read_rows(path, ())]
        column = "uid" if any("uid" in row for row in rows) else "filename"
        names = frozenset(row.get(column, "") for row in rows)
    else:
        names = frozenset(line.split()[0] for line in read_lines(path).splitlines() if line.strip())
    names -= {""}
    if not names:
        allowed = "a CSV file with a column uid or filename, or lines that start with a name"
        raise InputError(str(path), [Problem("", "no names", allowed)])
    return names


def listed(manifest: Manifest, names: frozenset[str], exclude: bool = False) -> Manifest:
    """The entries that ``names`` name, or with ``exclude`` the others.

    A name is a uid, the last part of one, or a file name with or without its suffix.

    Raises:
        InputError: nothing is left.
    """
    kept = (entry for entry in manifest.entries if _is_named(entry, names) != exclude)
    return manifest.with_entries(kept, "not on the list" if exclude else "on the list")


def hold_out(manifest: Manifest, names: frozenset[str], keep_in_training: bool = False) -> Parts:
    """Noise or room impulse responses in two parts: what ``names`` name is for validation.

    The public script leaves the held-out part in training as well, which ``keep_in_training`` does.

    Raises:
        InputError: one part is empty.
    """
    validation = listed(manifest, names)
    training = manifest if keep_in_training else listed(manifest, names, exclude=True)
    return Parts(training, validation)


def split_speakers(
    manifest: Manifest, genders: Mapping[str, str], utterances: int, seed: int
) -> Parts:
    """Speech in two parts that share no speaker, as the public script does it.

    Speakers with at most 50 utterances are shuffled; whole speakers go to validation, a man and a
    woman in turn, until there are at least ``utterances``. Without ``genders``, from speaker to
    ``m`` or ``f``, everybody stands in one line.

    Raises:
        InputError: an entry has no speaker, a speaker no gender, or too few are left.
    """
    by_speaker = _by_speaker(manifest, genders)
    eligible = sorted(s for s, own in by_speaker.items() if len(own) <= MAX_UTTERANCES_PER_SPEAKER)
    men = [speaker for speaker in eligible if genders.get(speaker, "m") == "m"]
    women = [speaker for speaker in eligible if genders.get(speaker, "m") != "m"]
    shuffler = random.Random(seed)
    shuffler.shuffle(men)
    shuffler.shuffle(women)
    chosen: set[str] = set()
    count = 0
    for speaker in _in_turn(men, women):
        if count >= utterances:
            break
        chosen.add(speaker)
        count += len(by_speaker[speaker])
    if count < utterances:
        given = f"{count} utterances of {len(eligible)} speakers with at most 50 each"
        raise InputError(manifest.source, [Problem("", given, f"at least {utterances}")])
    validation = (entry for entry in manifest.entries if entry.speaker in chosen)
    training = (entry for entry in manifest.entries if entry.speaker not in chosen)
    return Parts(
        manifest.with_entries(training, "left for training"),
        manifest.with_entries(validation, "for validation"),
    )


def _in_turn(men: list[str], women: list[str]) -> list[str]:
    """One of each as long as both last, then the others."""
    both = min(len(men), len(women))
    turns = [one for pair in zip(men[:both], women[:both], strict=True) for one in pair]
    return turns + men[both:] + women[both:]


def _by_speaker(manifest: Manifest, genders: Mapping[str, str]) -> dict[str, list[Entry]]:
    by_speaker: dict[str, list[Entry]] = defaultdict(list)
    for entry in manifest.entries:
        by_speaker[entry.speaker or ""].append(entry)
    problems = []
    if "" in by_speaker:
        given = f"no speaker for {len(by_speaker[''])} entries"
        problems.append(Problem("speaker", given, "one for each entry"))
    unknown = [speaker for speaker in by_speaker if genders and speaker not in genders]
    if unknown:
        given = f"none for {len(unknown)} speakers, such as {shown(unknown[0])}"
        problems.append(Problem("gender", given, "m or f for each speaker"))
    if problems:
        raise InputError(manifest.source, problems)
    return by_speaker


def _is_named(entry: Entry, names: frozenset[str]) -> bool:
    own = (entry.uid, PurePosixPath(entry.uid).name, entry.path.name, entry.path.stem)
    return any(name in names for name in own)
