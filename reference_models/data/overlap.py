"""Overlap of two manifests: names, files and speakers that are in both."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

from lrac_audit.errors import Problem, shown
from reference_models.data.manifest import Entry, Manifest

SHOWN_NAMES = 5
Key = Callable[[Entry], str | None]


def overlaps(training: Manifest, validation: Manifest) -> Iterator[Problem]:
    """Yield a problem for the uids, the files and the speakers of ``validation`` in ``training``.

    A file is the same under another path to it, such as one with a link; audio is not compared.
    """
    folder_of = cache(os.path.realpath)

    def path(entry: Entry) -> str:
        return str(Path(folder_of(entry.path.parent), entry.path.name))

    keys: dict[str, Key] = {
        "uids": lambda entry: entry.uid,
        "files": path,
        "speakers": lambda entry: entry.speaker,
    }
    for what, key in keys.items():
        trained = {key(entry) for entry in training.entries} - {None}
        # In the order of the manifest, each once.
        both = {name: None for e in validation.entries if (name := key(e)) in trained}
        if both:
            given = f"{len(both):,} that {training.source} has too: {_some(list(both))}"
            yield Problem(what, given, "none that is trained on; or --allow-overlap")


def _some(names: Collection[str | None]) -> str:
    """Return the first of ``names``, and how many more there are."""
    more = len(names) - SHOWN_NAMES
    first = ", ".join(shown(name) for name in list(names)[:SHOWN_NAMES])
    return first + (f" and {more:,} more" if more > 0 else "")
