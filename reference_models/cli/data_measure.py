"""``lrac-codec data measure``: measure the sound of every file of a manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console.output import say
from lrac_audit.console.written_files import written_file
from reference_models.cli import options
from reference_models.cli.manifests import Source, warn_of_unreadable

EPILOG = """
Examples:
  lrac-codec data measure libritts.csv --table libritts_measures.csv
  lrac-codec data measure globe.csv --table globe_measures.parquet --jobs 32
  lrac-codec data measure mls.csv --table mls_measures.parquet --scheduler tcp://head:8786
  lrac-codec data measure edition.csv --table edition.parquet --verify-checksums"""


def measure(
    manifest: Source,
    table: Annotated[
        Path,
        typer.Option(
            "--table",
            metavar="FILE",
            callback=written_file,
            help="Where the measures go: a name that ends in .csv or .parquet. A table that is "
            "there is extended; what it has is not measured again.",
        ),
    ],
    verify_checksums: Annotated[
        bool,
        typer.Option(
            "--verify-checksums",
            help="Hold each file that is measured to its checksum in the manifest, if it has one.",
        ),
    ] = False,
    jobs: options.Jobs = None,
    scheduler: options.Scheduler = "",
) -> None:
    """Measure the sound of every file of MANIFEST: noise, reverberation, bandwidth and others.

    The columns are level_dbfs, peak_dbfs, loudness_lufs, clipped_share, active_share, snr_db, srmr,
    decay_s, bandwidth_hz, pitch_hz, gender and gender_confidence. The same command goes on where
    it was interrupted. Files that cannot be read are named in the column error, and with
    --verify-checksums those that are not what the manifest lists.
    """
    from functools import partial

    from lrac_audit.console.progress import progress_bar
    from reference_models.corpus.extending import extend_table
    from reference_models.corpus.measurement import MEASUREMENTS
    from reference_models.corpus.measurement import measure as measured
    from reference_models.corpus.table import table_format
    from reference_models.data.checksums import check_checksums
    from reference_models.data.manifest import load_manifest

    table_format(table)  # before any work is done
    workers = options.workers(jobs, scheduler)
    files = load_manifest(manifest)
    if verify_checksums:
        check_checksums(files)
    with progress_bar("measuring", len(files.entries)) as advance:
        work = partial(measured, verifies=verify_checksums)
        rows = extend_table(files, table, MEASUREMENTS, work, workers, advance)
    warn_of_unreadable(rows, "measured")
    say(f"{table}: {len(rows):,} files\n")
