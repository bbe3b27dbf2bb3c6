"""Balancing of noise: of the classes with the most files, some are left out."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from statistics import median_low
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem
from reference_models.corpus.noise_classes.classification import Classification
from reference_models.corpus.rows import check_complete
from reference_models.data.manifest import Entry, Manifest


class Balance(NamedTuple):
    """The files of each class, and those that are kept."""

    original: Mapping[str, tuple[Entry, ...]]
    """Files that were classified, by class."""
    unreadable: tuple[Entry, ...]
    """Files that could not be classified; none is kept."""
    kept: frozenset[str]
    """Uids."""
    max_files: int
    """The largest number of files of a class that is kept."""


def balance(
    manifest: Manifest,
    rows: Mapping[str, Classification],
    max_files: int | None = None,
    seed: int = 0,
) -> Balance:
    """Draw at most ``max_files`` files of each class; without it, as many as the median class has.

    Files are counted, not their hours, since augmentation draws every file with one probability.
    Draws of a class depend on the seed and its files alone, in whatever order the manifest has
    them.

    Raises:
        InputError: an entry was not classified, or none could be.
    """
    check_complete(manifest, rows, "the table", "class")
    by_class: dict[str, list[Entry]] = defaultdict(list)
    unreadable = []
    for entry in manifest.entries:
        name = rows[entry.uid].noise_class
        if name is None:
            unreadable.append(entry)
        else:
            by_class[name].append(entry)
    if not by_class:
        problem = Problem("", "no file that could be classified", "at least one")
        raise InputError(manifest.source, [problem])
    most = max_files or median_low(len(own) for own in by_class.values())
    kept = {uid for name, own in by_class.items() for uid in _drawn(name, own, most, seed)}
    original = {name: tuple(own) for name, own in sorted(by_class.items())}
    return Balance(original, tuple(unreadable), frozenset(kept), most)


def _drawn(name: str, entries: list[Entry], count: int, seed: int) -> list[str]:
    uids = sorted(entry.uid for entry in entries)
    return random.Random(f"{seed} {name}").sample(uids, min(count, len(uids)))
