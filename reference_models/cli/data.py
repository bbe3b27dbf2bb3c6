"""``lrac-codec data``: lists of audio files, and which of them to train on."""

from __future__ import annotations

from pathlib import Path

import click

from lrac_audit.cli.common import deliver, outputs, say
from lrac_audit.cli.options import formats, output
from lrac_audit.files import check_other_file
from reference_models.cli.manifests import (
    FILE,
    check_outputs,
    described,
    out,
    save_parts,
    training_out,
    validation_out,
    warn_of,
)

TABLE_FORMATS = ("table", "csv", "json")


@click.group(
    short_help="List, curate and split audio files to train on.",
    epilog="""\b
Examples:
  lrac-codec data manifest corpora/libritts -o libritts.csv
  lrac-codec data curate libritts.csv --list train_meta_curated.csv -o curated.csv
  lrac-codec data split curated.csv --train train.csv --validation valid.csv
  lrac-codec data table --dataset LibriTTS libritts.csv curated.csv""",
)
def data() -> None:
    """Make the lists of audio files, called manifests, that `lrac-codec train` takes.

    A manifest is a CSV file with the columns uid, path, speaker, duration_s and sample_rate_hz.
    """


@data.command(
    epilog="""\b
Examples:
  lrac-codec data manifest "my recordings" -o mine.csv
  lrac-codec data manifest data/wav.scp --utt2spk data/utt2spk -o speech.csv
  lrac-codec data manifest noise.scp -o noise.csv --max-skipped 0.01""",
)
@click.argument("source", type=FILE)
@out
@click.option(
    "--utt2spk",
    metavar="FILE",
    type=FILE,
    help="Kaldi's list of speakers. Default: utt2spk beside a wav.scp, if it is there.",
)
@click.option(
    "--max-skipped",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="Of the files, those that may be missing or damaged; more is an error.",
)
@click.option("--responses", is_flag=True, help="Room impulse responses: refuse silent ones.")
def manifest(
    source: Path, out: Path, utt2spk: Path | None, max_skipped: float, responses: bool
) -> None:
    """List the audio files of SOURCE with their lengths and rates, out of their headers.

    SOURCE is a folder, in which the first folder below names the speaker; a Kaldi wav.scp, or the
    folder that it is in, with two columns or with the sample rate between them; or a CSV file with
    the columns uid, path and perhaps speaker.
    """
    from reference_models.cli.progress import progress
    from reference_models.data.header_scan import check_responses, probe
    from reference_models.data.manifest import save_manifest
    from reference_models.data.sources import find

    check_other_file(out, source)
    listed = find(source, utt2spk)
    with progress("reading headers", len(listed)) as advance:
        found, skipped = probe(listed, str(source), max_skipped, advance)
    if responses:
        with progress("reading responses", len(found.entries)) as advance:
            check_responses(found, advance)
    save_manifest(found, out)
    warn_of(skipped)
    say(f"{out}: {described(found)}\n")


@data.command(
    epilog="""\b
Examples:
  lrac-codec data curate libritts.csv --list train_meta_curated.csv -o curated.csv
  lrac-codec data curate motus.csv --list rirs_for_exclusion.csv --exclude \\
      --min-duration 0 -o rirs.csv""",
)
@click.argument("manifest", type=FILE)
@out
@click.option(
    "--list",
    "list_path",
    metavar="FILE",
    type=FILE,
    help="Curated names: CSV with the column uid or filename, or lines that start with a name.",
)
@click.option("--exclude", is_flag=True, help="Keep what is not on the list.")
@click.option("--min-duration", metavar="SECONDS", type=float, default=2.9, show_default=True)
@click.option("--max-duration", metavar="SECONDS", type=float, default=240.0, show_default=True)
def curate(
    manifest: Path,
    out: Path,
    list_path: Path | None,
    exclude: bool,
    min_duration: float,
    max_duration: float,
) -> None:
    """Keep of MANIFEST what is on a list and neither too short nor too long.

    Durations are limits that no kept utterance reaches.
    """
    from reference_models.data.curation import listed, load_list, within_durations
    from reference_models.data.manifest import load_manifest, save_manifest

    check_other_file(out, manifest)
    before = load_manifest(manifest)
    kept = before if list_path is None else listed(before, load_list(list_path), exclude)
    kept = within_durations(kept, min_duration, max_duration)
    save_manifest(kept, out)
    say(f"{out}: {described(kept)}, of {described(before)}\n")


@data.command(
    epilog="""\b
Examples:
  lrac-codec data split speech.csv --train train.csv --validation valid.csv
  lrac-codec data split speech.csv --spk2gender spk2gender --utterances 100 \\
      --train train.csv --validation valid.csv""",
)
@click.argument("manifest", type=FILE)
@training_out
@validation_out
@click.option(
    "--utterances",
    metavar="N",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Validation takes whole speakers until it has so many.",
)
@click.option(
    "--spk2gender",
    metavar="FILE",
    type=FILE,
    help="TextLog of a speaker and m or f: men and women are taken in turn.",
)
@click.option("--seed", type=click.IntRange(min=0), default=42, show_default=True)
def split(
    manifest: Path,
    training_out: Path,
    validation_out: Path,
    utterances: int,
    spk2gender: Path | None,
    seed: int,
) -> None:
    """Split the speech of MANIFEST so that no speaker is in both parts.

    Only speakers with at most 50 utterances are taken for validation.
    """
    from reference_models.data.curation import split_speakers
    from reference_models.data.manifest import load_manifest
    from reference_models.data.sources import genders

    check_outputs(manifest, training_out, validation_out)
    known = {} if spk2gender is None else genders(spk2gender)
    parts = split_speakers(load_manifest(manifest), known, utterances, seed)
    save_parts(parts, training_out, validation_out)


@data.command(
    name="hold-out",
    epilog="""\b
Example:
  lrac-codec data hold-out noise.csv --list validation_noise.txt \\
      --train noise_train.csv --validation noise_valid.csv""",
)
@click.argument("manifest", type=FILE)
@click.option("--list", "list_path", metavar="FILE", type=FILE, required=True, help="Names.")
@training_out
@validation_out
@click.option(
    "--keep-in-training",
    is_flag=True,
    help="Leave what is held out in training too, as the public script does.",
)
def hold_out(
    manifest: Path,
    list_path: Path,
    training_out: Path,
    validation_out: Path,
    keep_in_training: bool,
) -> None:
    """Split noise or room impulse responses: what a list names is for validation."""
    from reference_models.data.curation import hold_out as in_two
    from reference_models.data.curation import load_list
    from reference_models.data.manifest import load_manifest

    check_outputs(manifest, training_out, validation_out)
    parts = in_two(load_manifest(manifest), load_list(list_path), keep_in_training)
    save_parts(parts, training_out, validation_out)


@data.command(
    epilog="""\b
Example:
  lrac-codec data table --dataset LibriTTS libritts.csv libritts_curated.csv \\
      --dataset VCTK vctk.csv vctk_curated.csv""",
)
@click.option(
    "--dataset",
    "datasets",
    metavar="NAME ORIGINAL KEPT",
    type=(str, FILE, FILE),
    multiple=True,
    required=True,
    help="A name and two manifests. May be given several times.",
)
@formats(TABLE_FORMATS)
@output
def table(
    datasets: tuple[tuple[str, Path, Path], ...],
    requested_formats: tuple[str, ...],
    output: Path | None,
) -> None:
    """Print kept and original hours per data set, as Table 1 of the LRAC 2025 baseline paper."""
    from reference_models.data import retention
    from reference_models.data.manifest import load_manifest

    wanted = outputs(requested_formats, output, TABLE_FORMATS)
    rows = retention.retention(
        [(name, load_manifest(original), load_manifest(kept)) for name, original, kept in datasets]
    )
    render = {"table": retention.as_table, "csv": retention.as_csv, "json": retention.as_json}
    deliver([(one, render[one.format](rows)) for one in wanted])
