"""Summary of a manifest: its size, and a fingerprint by which the same data is known again."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from reference_models.data.manifest import Manifest

HEX_DIGITS = 16


class ManifestSummary(NamedTuple):
    """The size and the fingerprint of a manifest."""

    files: int
    hours: float
    fingerprint: str
    """Of names, file names, lengths and rates in their order; no audio is read for it."""

    def __str__(self) -> str:
        return f"{self.files:,} files, {self.hours:,.2f} h, fingerprint {self.fingerprint}"


def summarised(manifest: Manifest) -> ManifestSummary:
    """Return the summary of ``manifest``.

    The folders of the files have no part in the fingerprint, so that a data set can be moved.
    """
    digest = hashlib.sha256()
    for entry in manifest.entries:
        fields = (entry.uid, entry.path.name, entry.duration_s, entry.sample_rate_hz)
        digest.update(f"{fields}\n".encode())
    fingerprint = digest.hexdigest()[:HEX_DIGITS]
    return ManifestSummary(len(manifest.entries), manifest.hours, fingerprint)
