"""Checksums of audio files, as a manifest has them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.files import READABLE, check_regular_file, path_error
from reference_models.data.manifest import Manifest, refused

DIGITS: Mapping[str, int] = MappingProxyType({"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128})
"""Hexadecimal digits of each kind of checksum, by which one without its kind is told."""
ALLOWED = "hexadecimal digits of md5, sha1, sha256 or sha512, with or without such as sha256: first"


def check_checksums(manifest: Manifest) -> None:
    """Make sure that files of ``manifest`` have checksums, and that all of these can be verified.

    Raises:
        InputError: none has one, or some are of an unknown kind.
    """
    stated = {entry.uid: entry.labels.checksum for entry in manifest.entries}
    if not any(stated.values()):
        raise InputError(manifest.source, [Problem("checksum", "none", "one for some files")])
    problems = [
        Problem(f"checksum of {shown(uid)}", shown(checksum), ALLOWED)
        for uid, checksum in stated.items()
        if checksum and _kind_and_digits(checksum) is None
    ]
    if problems:
        raise refused(manifest.source, problems)


def verify(path: Path, checksum: str) -> None:
    """Make sure that the file at ``path`` has a ``checksum``, which may be empty for none.

    Raises:
        InputError: it has another one, or cannot be read.
    """
    found = _kind_and_digits(checksum)
    if found is None:
        return
    kind, digits = found
    check_regular_file(path)
    try:
        with path.open("rb") as file:
            own = hashlib.file_digest(file, kind).hexdigest()
    except OSError as error:
        raise path_error(path, error, READABLE) from None
    if own != digits:
        problem = Problem("checksum", f"{kind}:{own}", f"{kind}:{digits}, as the manifest has it")
        raise InputError(str(path), [problem])


def _kind_and_digits(checksum: str) -> tuple[str, str] | None:
    """Return the kind and the digits of a checksum; None if it has no known form."""
    stated, _, digits = checksum.strip().lower().rpartition(":")
    for kind, count in DIGITS.items():
        if stated in ("", kind) and re.fullmatch(f"[0-9a-f]{{{count}}}", digits):
            return kind, digits
    return None
