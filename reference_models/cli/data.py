"""``lrac-codec data``: make, curate and split lists of audio files for training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lrac_audit.console import options
from lrac_audit.console.help import Command, Group
from lrac_audit.console.output import deliver, say
from lrac_audit.errors import InputError, Problem
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from reference_models.cli import data_balance, data_classes, data_measure, data_select
from reference_models.cli.manifests import (
    Out,
    Source,
    TrainingOut,
    ValidationOut,
    described,
    save_parts,
    warn_of,
)
from reference_models.data.retention_report import RetentionReport

JSON_LINES = ".jsonl"
TABLE_FORMATS = format_names(RetentionReport)

app = typer.Typer(cls=Group, add_completion=False)


def _duration(name: str, kept: str) -> Any:
    return typer.Option(
        name, metavar="SECONDS", min=0, help=f"Keep what is {kept} than this.", show_default=True
    )


class _TableCommand(Command):
    """A command whose option ``--dataset`` takes three values each time, which typer lacks."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        for parameter in self.params:
            if parameter.name == "datasets":
                parameter.nargs = 3


@app.callback(
    epilog="""
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


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec data manifest "my recordings" -o mine.csv
  lrac-codec data manifest data/wav.scp --utt2spk data/utt2spk -o speech.csv
  lrac-codec data manifest edition.jsonl --kind speech --root corpora -o speech.csv
  lrac-codec data manifest noise.scp -o noise.csv --max-skipped 0.01""",
)
def manifest(
    source: Annotated[
        Path,
        typer.Argument(help="A folder, a Kaldi wav.scp or its folder, a CSV file or JSON Lines."),
    ],
    out: Out,
    utt2spk: Annotated[
        Path | None,
        typer.Option(
            "--utt2spk",
            metavar="FILE",
            help="Kaldi's list of speakers. Default: utt2spk beside a wav.scp, if it is there.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Of JSON Lines, list speech, noise or rir only. Default: all.",
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            "--root",
            metavar="FOLDER",
            help="Where the paths of JSON Lines start. Default: the folder of the file.",
        ),
    ] = None,
    max_skipped: Annotated[
        float,
        typer.Option(
            "--max-skipped",
            metavar="SHARE",
            min=0,
            max=1,
            help="Of the files, those that may be missing or damaged; more is an error.",
            show_default=True,
        ),
    ] = 0.05,
    responses: Annotated[
        bool,
        typer.Option(
            "--responses",
            help="Room impulse responses: take up to 64 channels, and refuse silent ones.",
        ),
    ] = False,
) -> None:
    """List the audio files of SOURCE with their lengths and rates, out of their headers.

    SOURCE is a folder, in which the first folder below names the speaker; a Kaldi wav.scp, or the
    folder that it is in, with two columns or with the sample rate between them; a CSV file with the
    columns uid, path and perhaps speaker; or JSON Lines (.jsonl) of the 2026 edition of the public
    data repository, which say all, so that no file is opened.
    """
    if source.suffix.lower() == JSON_LINES:
        from reference_models.data.json_lines import load_json_lines
        from reference_models.data.manifest import save_manifest

        only_elsewhere = f"none for a source that ends in {JSON_LINES}"
        _check_none({"--utt2spk": utt2spk, "--responses": responses or None}, only_elsewhere)
        labelled = load_json_lines(source, root or source.parent, kind)
        save_manifest(labelled, out)
        say(f"{out}: {described(labelled)}\n")
        return
    _check_none({"--kind": kind, "--root": root}, f"none, unless the source ends in {JSON_LINES}")
    from lrac_audit.console.progress import progress_bar
    from reference_models.data.header_scan import check_responses, probe
    from reference_models.data.manifest import save_manifest
    from reference_models.data.sources import find

    listed = find(source, utt2spk)
    with progress_bar("reading headers", len(listed)) as advance:
        found, skipped = probe(listed, str(source), max_skipped, advance, responses=responses)
    if responses:
        with progress_bar("reading responses", len(found.entries)) as advance:
            check_responses(found, advance)
    save_manifest(found, out)
    warn_of(skipped)
    say(f"{out}: {described(found)}\n")


def _check_none(options: Mapping[str, object], allowed: str) -> None:
    """Check that no option was given that another kind of source has.

    Raises:
        InputError: one was.
    """
    given = [name for name, value in options.items() if value is not None]
    problems = [Problem(name, "a value", allowed) for name in given]
    if problems:
        raise InputError("options", problems)


app.command(cls=Command, epilog=data_measure.EPILOG)(data_measure.measure)
app.command(cls=Command, epilog=data_select.EPILOG)(data_select.select)
app.command(cls=Command, epilog=data_classes.EPILOG)(data_classes.classes)
app.command(cls=Command, epilog=data_balance.EPILOG)(data_balance.balance)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec data curate libritts.csv --list train_meta_curated.csv -o curated.csv
  lrac-codec data curate motus.csv --list rirs_for_exclusion.csv --exclude \\
      --min-duration 0 -o rirs.csv""",
)
def curate(
    manifest: Source,
    out: Out,
    list_path: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="Curated names: CSV with the column uid, source_id or filename, or lines that "
            "start with a name.",
        ),
    ] = None,
    exclude: Annotated[bool, typer.Option("--exclude", help="Keep what is not on the list.")] = (
        False
    ),
    min_duration: Annotated[float, _duration("--min-duration", "longer")] = 2.9,
    max_duration: Annotated[float, _duration("--max-duration", "shorter")] = 240.0,
) -> None:
    """Keep of MANIFEST what is on a list and neither too short nor too long.

    Durations are limits that no kept utterance reaches.
    """
    from reference_models.data.curation import listed, load_list, within_durations
    from reference_models.data.manifest import load_manifest, save_manifest

    before = load_manifest(manifest)
    kept = before if list_path is None else listed(before, load_list(list_path), exclude)
    kept = within_durations(kept, min_duration, max_duration)
    save_manifest(kept, out)
    say(f"{out}: {described(kept)}, of {described(before)}\n")


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec data split speech.csv --train train.csv --validation valid.csv
  lrac-codec data split speech.csv --spk2gender spk2gender --utterances 100 \\
      --train train.csv --validation valid.csv""",
)
def split(
    manifest: Source,
    training_out: TrainingOut,
    validation_out: ValidationOut,
    utterances: Annotated[
        int,
        typer.Option(
            "--utterances",
            metavar="N",
            min=1,
            help="Validation takes whole speakers until it has so many.",
            show_default=True,
        ),
    ] = 1000,
    spk2gender: Annotated[
        Path | None,
        typer.Option(
            "--spk2gender",
            metavar="FILE",
            help="Lines of a speaker and m or f: men and women are taken in turn. Default: the "
            "manifest's column `gender`, if it has one.",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            help="The same seed gives the same split.",
            show_default=True,
        ),
    ] = 42,
    frozen: Annotated[
        bool,
        typer.Option(
            "--frozen",
            help="Take the split that the manifest's column `split` names, and draw none.",
        ),
    ] = False,
) -> None:
    """Split the speech of MANIFEST so that no speaker is in both parts.

    Only speakers with at most 50 utterances are taken for validation.
    """
    from reference_models.data.curation import split_as_labelled, split_speakers
    from reference_models.data.manifest import load_manifest
    from reference_models.data.sources import genders

    if frozen:
        save_parts(split_as_labelled(load_manifest(manifest)), training_out, validation_out)
        return
    known = {} if spk2gender is None else genders(spk2gender)
    parts = split_speakers(load_manifest(manifest), known, utterances, seed)
    save_parts(parts, training_out, validation_out)


@app.command(
    cls=Command,
    epilog="""
Example:
  lrac-codec data hold-out noise.csv --list validation_noise.txt \\
      --train noise_train.csv --validation noise_valid.csv""",
)
def hold_out(
    manifest: Source,
    list_path: Annotated[
        Path, typer.Option("--list", metavar="FILE", help="Names that are held out.")
    ],
    training_out: TrainingOut,
    validation_out: ValidationOut,
    keep_in_training: Annotated[
        bool,
        typer.Option(
            "--keep-in-training",
            help="Leave what is held out in training too, as the public script does; "
            "`lrac-codec train` then takes it with --allow-overlap.",
        ),
    ] = False,
) -> None:
    """Split noise or room impulse responses: what a list names is for validation."""
    from reference_models.data.curation import hold_out as in_two
    from reference_models.data.curation import load_list
    from reference_models.data.manifest import load_manifest

    parts = in_two(load_manifest(manifest), load_list(list_path), keep_in_training)
    save_parts(parts, training_out, validation_out)


@app.command(
    cls=_TableCommand,
    epilog="""
Examples:
  lrac-codec data table
  lrac-codec data table --dataset LibriTTS libritts.csv libritts_curated.csv \\
      --dataset VCTK vctk.csv vctk_curated.csv
  lrac-codec data table --labelled edition.csv edition_kept.csv --no-published""",
)
def table(
    datasets: Annotated[
        list[tuple] | None,  # type: ignore[type-arg]  # typer repeats no option of a tuple of types
        typer.Option(
            "--dataset",
            metavar="NAME ORIGINAL KEPT",
            help="A name and two manifests. May be given several times.",
        ),
    ] = None,
    labelled: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--labelled",
            metavar="ORIGINAL KEPT",
            help="Two manifests, of which each data set and language becomes a row.",
        ),
    ] = None,
    published: Annotated[
        bool,
        typer.Option("--published/--no-published", help="Show the figures of the paper beside."),
    ] = True,
    requested_formats: Annotated[options.Formats, options.formats(TABLE_FORMATS)] = None,
    output: options.Output = None,
) -> None:
    """Print kept and original hours per data set, beside Table 1 of the LRAC 2025 baseline paper.

    A row whose name is one of the paper's, such as LibriTTS, has the paper's figures beside it.
    """
    from reference_models.data.manifest import load_manifest
    from reference_models.data.published_retention import paper_retention
    from reference_models.data.retention import retention, retention_by_label, with_total

    wanted = outputs(requested_formats, output, TABLE_FORMATS)
    lines = [
        retention(name, load_manifest(Path(original)), load_manifest(Path(kept)))
        for name, original, kept in datasets or ()
    ]
    if labelled is not None:
        lines += retention_by_label(*map(load_manifest, labelled))
    if not lines and not published:
        allowed = "--dataset, --labelled or --published"
        raise InputError("options", [Problem("data sets", "none", allowed)])
    paper = paper_retention() if published else ()
    deliver(rendered(RetentionReport(with_total(lines) if lines else [], paper), wanted))
