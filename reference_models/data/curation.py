"""Selection of the entries of a manifest to keep, and of those held out for validation."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest import Entry, Manifest, read_lines, read_rows, refused

MAX_UTTERANCES_PER_SPEAKER = 50
"""Utterances of a speaker up to which it may be held out; one with more stays in training."""

TRAINING_SPLITS = ("train", "training")
VALIDATION_SPLITS = ("validation", "valid", "val", "dev")
"""Names of the parts of a frozen split."""


class Parts(NamedTuple):
    """A manifest in two parts."""

    training: Manifest
    validation: Manifest


def within_durations(manifest: Manifest, min_s: float, max_s: float) -> Manifest:
    """Return the entries that are longer than ``min_s`` and shorter than ``max_s``.

    Raises:
        InputError: there are none.
    """
    kept = (entry for entry in manifest.entries if min_s < entry.duration_s < max_s)
    return manifest.with_entries(kept, f"between {min_s:g} and {max_s:g} s")


class Names(NamedTuple):
    """The names in a curated list."""

    source: str
    """Where the list came from, for messages."""
    uids: frozenset[str]
    filenames: frozenset[str]
    """Names of files without folders."""


def load_list(path: Path) -> Names:
    """Return the names in a curated list.

    A CSV file with the columns ``uid`` or ``filename`` or both, or ``source_id``, as the editions
    of the public data repository have them, or any other file with lines of a uid and perhaps a
    filename.

    Raises:
        InputError: the file cannot be read, or names nothing.
    """
    if path.suffix.lower() == ".csv":
        rows = [row for _, row in read_rows(path, ())]
        cells = [
            (row.get("uid") or row.get("source_id", ""), row.get("filename", "")) for row in rows
        ]
    else:
        lines = (line.split(maxsplit=1) for line in read_lines(path).split("\n"))
        cells = [(words[0], words[1] if words[1:] else "") for words in lines if words]
    uids = frozenset(uid for uid, _ in cells if uid)
    filenames = frozenset(PurePath(filename).name for _, filename in cells if filename)
    if not uids | filenames:
        allowed = "a CSV file with a column uid, source_id or filename, or lines that name files"
        raise InputError(str(path), [Problem("", "no names", allowed)])
    return Names(str(path), uids, filenames)


def listed(manifest: Manifest, names: Names, exclude: bool = False) -> Manifest:
    """Return the entries that ``names`` name, or with ``exclude`` the others.

    A uid is the whole of an entry's, its last part, or what follows the data set in front of a
    colon, as in the edition of 2026. Filenames, with or without a suffix,
    count only if not one entry goes by a uid: lists and manifests may name by different rules.

    Raises:
        InputError: no entry is on the list, or with ``exclude`` all are; it names the list.
    """
    entries = manifest.entries
    on_list = [e for e in entries if _names(e) & names.uids]
    if not on_list:
        on_list = [e for e in entries if {e.path.name, e.path.stem} & names.filenames]
    if not on_list:
        raise InputError(names.source, [_unknown_names(names, manifest)])
    if not exclude:
        return Manifest(manifest.source, tuple(on_list))
    uids = {entry.uid for entry in on_list}
    others = tuple(entry for entry in entries if entry.uid not in uids)
    if not others:
        given = f"the names of all {len(entries):,} entries of {manifest.source}"
        raise InputError(names.source, [Problem("", given, "a list that leaves some of them")])
    return Manifest(manifest.source, others)


def _names(entry: Entry) -> set[str]:
    uid = entry.uid
    return {uid, PurePosixPath(uid).name, uid.partition(":")[2] or uid}


def _unknown_names(names: Names, manifest: Manifest) -> Problem:
    """Return the problem of a list of which ``manifest`` knows no name, with one of each."""
    known = manifest.entries[0]
    example = shown(min(names.uids or names.filenames))
    return Problem(
        "",
        f"names of which none is in {manifest.source}, such as {example}",
        f"uids or filenames of its entries, such as {shown(known.uid)} or {shown(known.path.name)}",
    )


def hold_out(manifest: Manifest, names: Names, keep_in_training: bool = False) -> Parts:
    """Split noise or room impulse responses: the entries that ``names`` name are for validation.

    The public script leaves the held-out part in training as well, which ``keep_in_training`` does.

    Raises:
        InputError: one part is empty.
    """
    validation = listed(manifest, names)
    training = manifest if keep_in_training else listed(manifest, names, exclude=True)
    return Parts(training, validation)


def split_speakers(
    manifest: Manifest, annotated: Mapping[str, str], utterances: int, seed: int
) -> Parts:
    """Split speech into two parts that share no speaker, as the public script does.

    Speakers with at most 50 utterances are shuffled; whole speakers go to validation, a man and a
    woman in turn, until there are at least ``utterances``. ``annotated`` are ``m`` or ``f`` by
    speaker, for all of them if for any; without them the labels of the manifest say so. Speakers
    of whom nothing says it come last, in a shuffled order of their own.

    Raises:
        InputError: an entry has no speaker, a speaker no annotation or labels that contradict each
            other, or too few speakers are left.
    """
    by_speaker = _by_speaker(manifest, annotated)
    genders = annotated or _labelled_genders(manifest)
    eligible = sorted(s for s, own in by_speaker.items() if len(own) <= MAX_UTTERANCES_PER_SPEAKER)
    men = [speaker for speaker in eligible if genders.get(speaker) == "m"]
    women = [speaker for speaker in eligible if genders.get(speaker) == "f"]
    others = sorted({*eligible}.difference(men, women))
    shuffler = random.Random(seed)
    for group in (men, women, others):
        shuffler.shuffle(group)
    chosen: set[str] = set()
    count = 0
    for speaker in _in_turn(men, women) + others:
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


def split_as_labelled(manifest: Manifest) -> Parts:
    """Split ``manifest`` as its publisher did; parts of other names, such as a test set, are left.

    Raises:
        InputError: one part is empty.
    """
    entries = manifest.entries
    training = (entry for entry in entries if entry.labels.split in TRAINING_SPLITS)
    validation = (entry for entry in entries if entry.labels.split in VALIDATION_SPLITS)
    return Parts(
        manifest.with_entries(training, f"of the split {' or '.join(TRAINING_SPLITS)}"),
        manifest.with_entries(validation, f"of the split {' or '.join(VALIDATION_SPLITS)}"),
    )


def _in_turn(men: list[str], women: list[str]) -> list[str]:
    """Return one of each in turn as long as both last, then the others."""
    both = min(len(men), len(women))
    turns = [one for pair in zip(men[:both], women[:both], strict=True) for one in pair]
    return turns + men[both:] + women[both:]


def _labelled_genders(manifest: Manifest) -> dict[str, str]:
    """Return ``m`` or ``f`` by speaker, for those whose entries say it.

    Raises:
        InputError: entries of one speaker say both.
    """
    found: dict[str, str] = {}
    problems = {}
    for entry in manifest.entries:
        speaker, gender = entry.speaker or "", entry.labels.gender
        if gender and found.setdefault(speaker, gender) != gender:
            given = f"{found[speaker]} and {gender}"
            problems[speaker] = Problem(f"gender of speaker {shown(speaker)}", given, "one")
    if problems:
        raise refused(manifest.source, list(problems.values()))
    return found


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
