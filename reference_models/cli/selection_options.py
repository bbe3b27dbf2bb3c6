"""Options of ``lrac-codec data select``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lrac_audit.console.options import OUTPUT_PANEL
from lrac_audit.console.written_files import written_file

THRESHOLD_PANEL = "Thresholds"
STRATA_PANEL = "Strata"
DEFAULTS = (
    "Defaults: --min snr_db=20 --min bandwidth_hz=7000 --min active_share=0.3 "
    "--max decay_s=0.6 --max clipped_share=0.001; the value `none` is no threshold."
)


def _threshold(name: str, help_text: str, metavar: str = "MEASURE=VALUE") -> Any:
    return typer.Option(name, metavar=metavar, help=help_text, rich_help_panel=THRESHOLD_PANEL)


def _stratum(name: str, help_text: str, **settings: Any) -> Any:
    return typer.Option(name, help=help_text, rich_help_panel=STRATA_PANEL, **settings)


Table = Annotated[
    Path,
    typer.Option("--table", metavar="FILE", help="Its measures, as `data measure` writes them."),
]
KeptOut = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=written_file,
        help="The manifest of what is kept.",
    ),
]
Smallest = Annotated[
    list[str] | None, _threshold("--min", f"Smallest value of a measure. {DEFAULTS}")
]
Largest = Annotated[list[str] | None, _threshold("--max", "Largest value of a measure.")]
FitTo = Annotated[
    Path | None,
    _threshold(
        "--fit-to",
        "Instead of selecting, find the thresholds that best reproduce a list of kept names: CSV "
        "with the column uid, source_id or filename, or lines that start with a name.",
        "LIST",
    ),
]
ExcludedSpeakers = Annotated[
    Path | None,
    _stratum(
        "--exclude-speakers",
        "Speakers of the test set: CSV with the column speaker, such as a manifest, or lines that "
        "start with a speaker.",
        metavar="FILE",
    ),
]
Genders = Annotated[
    Path | None,
    _stratum(
        "--spk2gender",
        "Lines of a speaker and m or f. Speakers that it lacks are told by their pitch.",
        metavar="FILE",
    ),
]
BalanceGenders = Annotated[
    bool,
    _stratum(
        "--balance-genders",
        "Keep as many hours of men as of women, and none of speakers whose gender is not known.",
    ),
]
Hours = Annotated[
    float | None,
    _stratum(
        "--hours",
        "Keep at most so much, as evenly over speakers as can be. Default: all.",
        metavar="H",
        min=0,
    ),
]
MinSpeakerMinutes = Annotated[
    float,
    _stratum("--min-speaker-minutes", "Leave out speakers with less.", metavar="M", min=0),
]
MaxSpeakerMinutes = Annotated[
    float | None,
    _stratum(
        "--max-speaker-minutes",
        "Keep at most so much of a speaker. Default: all.",
        metavar="M",
        min=0,
    ),
]
Seed = Annotated[
    int,
    _stratum("--seed", "The same seed keeps the same files.", metavar="N", min=0),
]
Reasons = Annotated[
    Path | None,
    typer.Option(
        "--reasons",
        metavar="FILE",
        callback=written_file,
        help="Write why each file went, as CSV with the columns uid and reasons.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]
Picture = Annotated[
    Path | None,
    typer.Option(
        "--picture",
        metavar="FILE",
        callback=written_file,
        help="Draw the measures of what was kept and of what went, as PNG.",
        rich_help_panel=OUTPUT_PANEL,
    ),
]
