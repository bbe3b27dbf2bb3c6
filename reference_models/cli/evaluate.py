"""``lrac-codec evaluate``: how good a codec sounds, by the measures of the paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrac_audit.cli.common import deliver, outputs, warn
from lrac_audit.cli.options import formats, output
from lrac_audit.errors import InputError, Problem
from reference_models.cli import options
from reference_models.evaluation.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lrac_audit.cli.options import Command
    from reference_models.evaluation.scoring import Result

FORMATS = ("table", "csv", "json")
CONDITIONS = ("clean", "noisy", "reverberant")


def _condition(name: str) -> Callable[[Command], Command]:
    return click.option(
        f"--{name}",
        name,
        metavar="INPUTS REFERENCES",
        type=(click.Path(path_type=Path), click.Path(path_type=Path)),
        help=f"{name.capitalize()} speech, and what the decoded speech is compared with.",
    )


@click.command(
    short_help="Score a codec with PESQ and other measures.",
    epilog="""\b
Examples:
  lrac-codec evaluate --weights track1.safetensors --clean test test
  lrac-codec evaluate --weights track2.safetensors --clean clean clean \\
      --noisy noisy/wav.scp noisy/reference.scp --metric pesq --metric utmos \\
      --format table --format json=scores.json
  lrac-codec evaluate --weights track1.safetensors --clean test test --published paper.csv""",
)
@options.expected_design
@options.weights
@_condition("clean")
@_condition("noisy")
@_condition("reverberant")
@click.option(
    "--metric",
    "metrics",
    type=click.Choice([*COLUMNS, "all"]),
    multiple=True,
    default=("pesq",),
    show_default=True,
    help="What to compute; may be given several times. All but PESQ run the public code of "
    "their authors, which downloads weights on first use.",
)
@click.option(
    "--published",
    metavar="SCORES",
    type=click.Path(path_type=Path),
    help="Scores of others to show beside, such as the paper's: CSV as `--format csv` writes it.",
)
@formats(FORMATS)
@output
@options.threads(None)
def evaluate(
    design: str | None,
    weights: Path | None,
    clean: tuple[Path, Path] | None,
    noisy: tuple[Path, Path] | None,
    reverberant: tuple[Path, Path] | None,
    metrics: tuple[str, ...],
    published: Path | None,
    requested_formats: tuple[str, ...],
    output: Path | None,
    threads: int | None,
) -> None:
    """Encode, decode and score speech at every bitrate of a codec.

    INPUTS and REFERENCES are folders, Kaldi lists (wav.scp) or CSV files with uid and path, paired
    by name; they may be the same. Speech goes through .lrac files. The result has the layout of
    Tables 4 and 5 of the LRAC 2025 baseline paper.
    """
    wanted = outputs(requested_formats, output, FORMATS)
    given = dict(zip(CONDITIONS, (clean, noisy, reverberant), strict=True))
    if not any(given.values()):
        allowed = f"at least one of {', '.join(f'--{name}' for name in CONDITIONS)}"
        raise InputError("options", [Problem("conditions", "none", allowed)])
    from reference_models.cli.loading import load_codec, use_threads
    from reference_models.cli.progress import progress
    from reference_models.evaluation import report, scoring
    from reference_models.evaluation.conditions import load_condition
    from reference_models.evaluation.metrics import load_metrics
    from reference_models.evaluation.published_scores import load_published

    others = load_published(published) if published else ()
    use_threads(threads)
    codec = load_codec(weights, design)
    if codec.variant != "trained":
        problem = Problem("", f"a codec of the variant {codec.variant}", "one as it was trained")
        raise InputError(str(weights), [problem])
    conditions = [load_condition(name, *paths) for name, paths in given.items() if paths]
    names = [name for name in COLUMNS if name in metrics or "all" in metrics]
    scores = load_metrics(names)
    passes = len(codec.design.quantizer.mode_layers)
    with progress("evaluating", passes * sum(len(one.pairs) for one in conditions)) as advance:
        results = scoring.evaluate(codec, conditions, scores, advance)
    _warn_of_missing(results)
    evaluation = report.Evaluation(codec.design.name, names, results, others)
    render = {"table": report.as_table, "csv": report.as_csv, "json": report.as_json}
    deliver([(one, render[one.format](evaluation)) for one in wanted])


def _warn_of_missing(results: list[Result]) -> None:
    for result in results:
        for one in result.utterances:
            for metric, reason in one.missing.items():
                where = f"{result.condition}, {result.bitrate_kbps:g} kbps, {one.uid}"
                warn(f"warning: {where}: no {metric}: {reason}")
