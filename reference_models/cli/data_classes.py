"""``lrac-codec data classes``: find the class of noise of every file of a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console.output import say
from lrac_audit.console.written_files import written_file
from reference_models.cli import options
from reference_models.cli.manifests import Source, warn_of_unreadable

DEFAULT_MODEL = "laion/clap-htsat-unfused"
"""Trained on sounds of at most 10 s, of which files are cut into windows."""
EPILOG = """
Examples:
  lrac-codec data classes noise.csv --table noise_classes.csv
  lrac-codec data classes noise.csv --table noise_classes.parquet --model clap --jobs 8
  lrac-codec data classes noise.csv --table own_classes.csv --ontology mine.yaml"""


def classes(
    manifest: Source,
    table: Annotated[
        Path,
        typer.Option(
            "--table",
            metavar="FILE",
            callback=written_file,
            help="Where the classes go: a name that ends in .csv or .parquet. A table that is "
            "there is extended; what it has is not classified again.",
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME|FOLDER",
            help="A CLAP model in the format of the package transformers: a folder, or a name on "
            "the Hugging Face hub, from which it is downloaded on first use.",
            show_default=True,
        ),
    ] = DEFAULT_MODEL,
    ontology: Annotated[
        Path | None,
        typer.Option(
            "--ontology",
            metavar="FILE",
            help="The classes and their prompts in YAML. Default: broad types of noise and sounds "
            "that people make, after AudioSet.",
        ),
    ] = None,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = "",
) -> None:
    """Find the class of noise of every file of MANIFEST, zero-shot by CLAP.

    The columns are the class, its score, and a score for each class; the scores of a file add up to
    1. The same command goes on where it was interrupted. Files that cannot be read are named in the
    column error.
    """
    from lrac_audit.console.progress import progress_bar
    from reference_models.corpus.extending import extend_table
    from reference_models.corpus.noise_classes.clap import load_classifier
    from reference_models.corpus.noise_classes.classification import classification_rows
    from reference_models.corpus.noise_classes.classifying import classify_by
    from reference_models.corpus.noise_classes.ontology import SHIPPED, load_ontology
    from reference_models.corpus.table import table_format
    from reference_models.data.manifest import load_manifest

    table_format(table)  # before any work is done
    workers = options.workers(jobs, scheduler)
    known = load_ontology(ontology or SHIPPED)
    files = load_manifest(manifest)
    classifier = load_classifier(model, known)
    kind = classification_rows(known.class_names, classifier.fingerprint)
    work = classify_by(workers, classifier, model, known)
    with progress_bar("classifying", len(files.entries)) as advance:
        rows = extend_table(files, table, kind, work, workers, advance)
    warn_of_unreadable(rows, "classified")
    say(f"{table}: {len(rows):,} files\n")
