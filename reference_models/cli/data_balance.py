"""``lrac-codec data balance``: leave out noise of the most frequent classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console import options as shared
from lrac_audit.console.output import deliver
from lrac_audit.console.written_files import written_file
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from reference_models.cli.manifests import Out, Source
from reference_models.corpus.noise_classes.balance_report import BalanceReport

FORMATS = format_names(BalanceReport)
EPILOG = """
Examples:
  lrac-codec data balance noise.csv --table noise_classes.csv -o balanced.csv
  lrac-codec data balance noise.csv --table noise_classes.csv -o balanced.csv \\
      --max-files 1000 --seed 1 --picture classes.png"""


def balance(
    manifest: Source,
    table: Annotated[
        Path,
        typer.Option("--table", metavar="FILE", help="Its classes, as `data classes` writes them."),
    ],
    out: Out,
    max_files: Annotated[
        int | None,
        typer.Option(
            "--max-files",
            metavar="N",
            min=1,
            help="Keep at most so many files of a class. Default: the median over the classes.",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            help="The same seed keeps the same files.",
            show_default=True,
        ),
    ] = 0,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE",
            callback=written_file,
            help="Draw the files of each class, original and kept, as PNG.",
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
) -> None:
    """Keep of MANIFEST at most so many files of each class of noise, drawn at random.

    Files that cannot be read go too.
    """
    from reference_models.corpus.noise_classes.balance import balance as balanced
    from reference_models.corpus.noise_classes.classification import classification_rows
    from reference_models.corpus.table import load_table
    from reference_models.data.manifest import load_manifest, save_manifest

    wanted = outputs(requested_formats, None, FORMATS)
    files = load_manifest(manifest)
    found = balanced(files, load_table(table, classification_rows()), max_files, seed)
    contents = rendered(BalanceReport(found), wanted)
    if picture is not None:
        from reference_models.corpus.noise_classes.balance_picture import draw_balance

        draw_balance(found, picture)
    kept = (entry for entry in files.entries if entry.uid in found.kept)
    save_manifest(files.with_entries(kept, "that is kept"), out)
    deliver(contents)
