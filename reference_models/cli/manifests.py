"""Writing and description of manifests, for the commands of ``lrac-codec data``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.console.output import say, warn
from lrac_audit.console.written_files import written_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reference_models.corpus.rows import FileRow
    from reference_models.data.audio_files import Skipped
    from reference_models.data.curation import Parts
    from reference_models.data.manifest import Manifest

Out = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=written_file,
        help="The manifest to write.",
    ),
]
TrainingOut = Annotated[
    Path,
    typer.Option("--train", metavar="FILE", callback=written_file, help="What to train on."),
]
ValidationOut = Annotated[
    Path,
    typer.Option("--validation", metavar="FILE", callback=written_file, help="What is held out."),
]
Source = Annotated[Path, typer.Argument(metavar="MANIFEST", help="The manifest to read.")]


def save_parts(parts: Parts, training_out: Path, validation_out: Path) -> None:
    """Write both parts and print a description of each."""
    from reference_models.data.manifest import save_manifest

    save_manifest(parts.training, training_out)
    save_manifest(parts.validation, validation_out)
    say(f"{training_out}: {described(parts.training)}\n")
    say(f"{validation_out}: {described(parts.validation)}\n")


def described(manifest: Manifest) -> str:
    """Return the number of files and hours of ``manifest``, as text."""
    return f"{len(manifest.entries):,} files, {manifest.hours:,.2f} h"


def warn_of(skipped: Skipped) -> None:
    """Warn of the files that were skipped, by name."""
    if skipped.reasons:
        warn(f"warning: {len(skipped)} files skipped:")
    for reason in skipped.reasons.values():
        warn(f"  {reason}")


def warn_of_unreadable(rows: Iterable[FileRow], done: str) -> None:
    """Warn of the files that could not be ``done``, such as measured, with the reasons."""
    reasons = [row.error for row in rows if row.error]
    if reasons:
        warn(f"warning: {len(reasons)} files could not be {done}:")
    for reason in reasons:
        warn(f"  {reason}")
