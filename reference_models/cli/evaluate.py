"""``lrac-codec evaluate``: score a codec by the quality measures of the paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, outputs, warn
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.formats.registry import format_names, rendered
from reference_models.cli import names, options
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.evaluation_report import EvaluationReport

if TYPE_CHECKING:
    from reference_models.evaluation.scoring import Result

FORMATS = format_names(EvaluationReport)
CONDITIONS = ("clean", "noisy", "reverberant")


def _condition(name: str) -> Any:
    return typer.Option(
        f"--{name}",
        metavar="INPUTS REFERENCES",
        help=f"{name.capitalize()} speech, and what the decoded speech is compared with.",
        rich_help_panel="Speech",
    )


app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec evaluate --weights track1.safetensors --clean test test
  lrac-codec evaluate --weights track2.safetensors --clean clean clean \\
      --noisy noisy/wav.scp noisy/reference.scp --metric pesq --metric utmos \\
      --format table --format json=scores.json
  lrac-codec evaluate --weights track1.safetensors --clean test test --published paper.csv""",
)
def evaluate(
    design: options.ExpectedDesign = None,
    weights: options.Weights = None,
    clean: Annotated[tuple[Path, Path] | None, _condition("clean")] = None,
    noisy: Annotated[tuple[Path, Path] | None, _condition("noisy")] = None,
    reverberant: Annotated[tuple[Path, Path] | None, _condition("reverberant")] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help=f"What to compute: {', '.join(COLUMNS)} or all; may be given several times. All "
            "but PESQ run the public code of their authors, which downloads weights on first "
            "use. Default: pesq.",
            autocompletion=complete_from(names.metrics),
        ),
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(
            "--published",
            metavar="SCORES",
            help="Scores of others to show beside, such as the paper's: CSV as `--format csv` "
            "writes it.",
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
    threads: options.Threads = None,
) -> None:
    """Encode, decode and score speech at every bitrate of a codec.

    INPUTS and REFERENCES are folders, Kaldi lists (wav.scp) or CSV files with uid and path, paired
    by name; they may be the same. Speech goes through .lrac files. The result has the layout of
    Tables 4 and 5 of the LRAC 2025 baseline paper.
    """
    wanted = outputs(requested_formats, output, FORMATS)
    chosen = _metrics(metrics or ["pesq"])
    given = dict(zip(CONDITIONS, (clean, noisy, reverberant), strict=True))
    if not any(given.values()):
        allowed = f"at least one of {', '.join(f'--{name}' for name in CONDITIONS)}"
        raise InputError("options", [Problem("conditions", "none", allowed)])
    from lrac_audit.console.progress import progress_bar
    from reference_models.cli.loading import load_codec, use_threads
    from reference_models.evaluation import scoring
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
    scores = load_metrics(chosen)
    passes = len(codec.design.quantizer.mode_layers)
    with progress_bar("evaluating", passes * sum(len(one.pairs) for one in conditions)) as advance:
        results = scoring.evaluate(codec, conditions, scores, advance)
    _warn_of_missing(results)
    report = EvaluationReport(codec.design.name, chosen, results, others)
    deliver(rendered(report, wanted))


def _metrics(requested: list[str]) -> list[str]:
    """Return the measures that are asked for, in the order of the paper's columns."""
    allowed = [*COLUMNS, "all"]
    problems = [
        Problem("--metric", shown(name), one_of(allowed, name))
        for name in requested
        if name not in allowed
    ]
    if problems:
        raise InputError("options", problems)
    return [name for name in COLUMNS if name in requested or "all" in requested]


def _warn_of_missing(results: list[Result]) -> None:
    for result in results:
        for one in result.utterances:
            for metric, reason in one.missing.items():
                where = f"{result.condition}, {result.bitrate_kbps:g} kbps, {one.uid}"
                warn(f"warning: {where}: no {metric}: {reason}")
