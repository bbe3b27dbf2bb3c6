"""``lrac-codec data select``: select files by their measures and by strata."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from lrac_audit.console import options as shared
from lrac_audit.console.output import Output, deliver
from lrac_audit.errors import InputError, Problem
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from reference_models.cli import selection_options as options
from reference_models.cli.manifests import Source
from reference_models.corpus.fitting_report import FittingReport
from reference_models.corpus.selection_report import FileReasons, SelectionReport

if TYPE_CHECKING:
    from reference_models.corpus.measurement import Rows
    from reference_models.data.manifest import Manifest

FORMATS = format_names(SelectionReport)
EPILOG = """
Examples:
  lrac-codec data select libritts.csv --table libritts_measures.csv -o kept.csv \\
      --reasons reasons.csv --picture measures.png
  lrac-codec data select globe.csv --table globe_measures.parquet --min snr_db=30 \\
      --max decay_s=none --hours 186 --balance-genders --max-speaker-minutes 20 -o kept.csv
  lrac-codec data select libritts.csv --table libritts_measures.csv \\
      --fit-to train_meta_curated.csv"""


def select(
    manifest: Source,
    table: options.Table,
    out: options.KeptOut = None,
    smallest: options.Smallest = None,
    largest: options.Largest = None,
    fit_to: options.FitTo = None,
    excluded: options.ExcludedSpeakers = None,
    spk2gender: options.Genders = None,
    balance_genders: options.BalanceGenders = False,
    hours: options.Hours = None,
    min_speaker_minutes: options.MinSpeakerMinutes = 0.0,
    max_speaker_minutes: options.MaxSpeakerMinutes = None,
    seed: options.Seed = 0,
    reasons: options.Reasons = None,
    picture: options.Picture = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
) -> None:
    """Keep of MANIFEST what sounds good enough, drawn evenly over genders and speakers.

    First thresholds on the measures of each file, then strata. The report says how many files went
    for which reason.
    """
    from reference_models.corpus.measurement import MEASUREMENTS
    from reference_models.corpus.selection import load_speakers
    from reference_models.corpus.selection import select as selected
    from reference_models.corpus.strata import Strata
    from reference_models.corpus.table import load_table
    from reference_models.corpus.thresholds import requested_thresholds
    from reference_models.data.manifest import load_manifest, save_manifest
    from reference_models.data.sources import genders

    wanted = outputs(requested_formats, None, FORMATS)
    thresholds = requested_thresholds(smallest or [], largest or [])
    if out is None or fit_to is not None:
        _check_fit_alone(out, fit_to)
        assert fit_to is not None
        _fit(load_manifest(manifest), load_table(table, MEASUREMENTS), fit_to, wanted)
        return
    strata = Strata(
        excluded_speakers=frozenset() if excluded is None else load_speakers(excluded),
        min_speaker_minutes=min_speaker_minutes,
        max_speaker_minutes=max_speaker_minutes,
        hours=hours,
        balance_genders=balance_genders,
        seed=seed,
    )
    annotated = {} if spk2gender is None else genders(spk2gender)
    rows = load_table(table, MEASUREMENTS)
    found = selected(load_manifest(manifest), rows, thresholds, strata, annotated)
    contents = rendered(SelectionReport(found), wanted)
    if reasons is not None:
        contents += rendered(FileReasons(found), [Output("csv", reasons)])
    if picture is not None:
        from reference_models.corpus.selection_picture import draw_selection

        draw_selection(found, rows, thresholds, picture)
    save_manifest(found.original.with_entries(found.kept, "that is kept"), out)
    deliver(contents)


def _check_fit_alone(out: Path | None, fit_to: Path | None) -> None:
    """Check that one of the two is given.

    Raises:
        InputError: both or none are.
    """
    if (out is None) == (fit_to is None):
        given = "neither" if out is None else "both"
        problem = Problem("--output and --fit-to", given, "one of the two")
        raise InputError("options", [problem])


def _fit(manifest: Manifest, rows: Rows, fit_to: Path, wanted: list[Output]) -> None:
    """Report the thresholds that best reproduce the list at ``fit_to``."""
    from reference_models.corpus.fitting import fit_thresholds
    from reference_models.corpus.rows import check_complete
    from reference_models.data.curation import listed, load_list

    check_complete(manifest, rows, "the table", "measurement")
    on_list = {entry.uid for entry in listed(manifest, load_list(fit_to)).entries}
    readable = [rows[e.uid] for e in manifest.entries if not rows[e.uid].error]
    fit = fit_thresholds(readable, [row.uid in on_list for row in readable])
    deliver(rendered(FittingReport(fit), wanted))
