"""``lrac-codec evaluate``: score a codec by the quality measures of the paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, warn
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from reference_models.cli import names, options
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.evaluation_report import EvaluationReport

if TYPE_CHECKING:
    from lrac_audit.design.parts import CodecDesign
    from reference_models.evaluation.published_scores import PublishedRow
    from reference_models.evaluation.results import Result
    from reference_models.evaluation.samples import Sample
    from reference_models.evaluation.saved_evaluation import SavedEvaluation
    from reference_models.parallel.mapping import Workers

FORMATS = format_names(EvaluationReport)
SAMPLES = 2
"""Utterances of each condition that a page lets hear and see."""
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
  lrac-codec evaluate --weights track1.safetensors --clean test test --published mine.csv
  lrac-codec evaluate --weights new.safetensors --clean test test --against old.json
  lrac-codec evaluate --design track1 --versa-result clean@6=versa.jsonl --metric all""",
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
            help=f"What to compute: {', '.join(COLUMNS)} or all; may be given several times. The "
            "first four run the public code of their authors, which downloads weights on first "
            "use. Default: pesq.",
            autocompletion=complete_from(names.metrics),
        ),
    ] = None,
    versa: Annotated[
        list[str] | None,
        typer.Option(
            "--versa-result",
            metavar="CONDITION@KBPS=FILE",
            help="Scores that the VERSA toolkit wrote for the decoded files of a condition and "
            "bitrate; may be given several times. Without speech to evaluate, no weights are "
            "needed.",
            rich_help_panel="Speech",
        ),
    ] = None,
    published: Annotated[
        str,
        typer.Option(
            "--published",
            metavar="paper|none|SCORES",
            help="Scores to show beside: those of the LRAC 2025 paper for the design's limit set, "
            "none, or a CSV file as `--format csv` writes it.",
            show_default=True,
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = "paper",
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="OTHER.json",
            help="An earlier evaluation, as `--format json` writes it: say for every measure "
            "whether the two codecs differ on the same utterances.",
            rich_help_panel=shared.OUTPUT_PANEL,
        ),
    ] = None,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
    threads: options.Threads = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            metavar="N",
            min=1,
            max=1024,
            help="Processes that share the work, each on one thread.",
            show_default=True,
            rich_help_panel=options.WORKERS_PANEL,
        ),
    ] = 1,
    scheduler: options.Scheduler = "",
) -> None:
    """Encode, decode and score speech at every bitrate of a codec.

    INPUTS and REFERENCES are folders, Kaldi lists (wav.scp) or CSV files with uid and path, paired
    by name; they may be the same. Speech goes through .lrac files. The result has the layout of
    Tables 4 and 5 of the LRAC 2025 baseline paper.
    """
    wanted = outputs(requested_formats, output, FORMATS)
    chosen = _metrics(metrics or ["pesq"])
    given = dict(zip(CONDITIONS, (clean, noisy, reverberant), strict=True))
    speech = {name: paths for name, paths in given.items() if paths}
    if not speech and not versa:
        allowed = f"at least one of {', '.join(f'--{name}' for name in CONDITIONS)}"
        raise InputError("options", [Problem("conditions", "none", allowed)])
    from reference_models.evaluation.saved_evaluation import load_evaluation
    from reference_models.evaluation.versa_results import load_versa, merged, parse_versa
    from reference_models.parallel.mapping import Workers

    earlier = load_evaluation(against) if against else None
    scored = [load_versa(parse_versa(one)) for one in versa or ()]
    others = _others(published)
    if speech:
        workers = Workers(jobs, scheduler)
        count = SAMPLES if any(one.format == "html" for one in wanted) else 0
        found = _evaluated(weights, design, speech, chosen, threads, workers, count)
    else:
        found = _Evaluated(_expected(design), [], [])
    codec_design = found.design
    results = merged(found.results, scored)
    _warn_of_missing(results)
    report = EvaluationReport(
        codec_design.name,
        _found(chosen, results) if not speech else chosen,
        results,
        others(codec_design.limits),
        samples=found.samples,
    )
    if earlier is not None:
        report = _against(report, earlier, str(against))
    deliver(rendered(report, wanted))


class _Evaluated(NamedTuple):
    """A codec's design, its scores, and samples to hear."""

    design: CodecDesign
    results: list[Result]
    samples: list[Sample]


def _evaluated(
    weights: Path | None,
    design: str | None,
    speech: Mapping[str, tuple[Path, Path]],
    chosen: Sequence[str],
    threads: int | None,
    workers: Workers,
    sample_count: int,
) -> _Evaluated:
    """Code the speech and score it, and make samples of some of it."""
    from lrac_audit.console.progress import progress_bar
    from reference_models.cli.loading import load_codec, use_threads
    from reference_models.evaluation import scoring
    from reference_models.evaluation.conditions import load_condition
    from reference_models.evaluation.metrics import load_metrics
    from reference_models.evaluation.samples import make_samples
    from reference_models.parallel.mapping import HERE

    use_threads(threads)
    codec = load_codec(weights, design)
    if codec.variant != "trained":
        problem = Problem("", f"a codec of the variant {codec.variant}", "one as it was trained")
        raise InputError(str(weights), [problem])
    conditions = [load_condition(name, *paths) for name, paths in speech.items()]
    scores = load_metrics(chosen)
    passes = len(codec.design.quantizer.mode_layers)
    with progress_bar("evaluating", passes * sum(len(one.pairs) for one in conditions)) as advance:
        apart = None
        if workers != HERE and weights is not None:
            apart = scoring.WorkersOfFile(workers, weights.absolute())
        results = scoring.evaluate(codec, conditions, scores, advance, apart)
    samples = make_samples(codec, conditions, sample_count) if sample_count else []
    return _Evaluated(codec.design, results, samples)


def _expected(design: str | None) -> CodecDesign:
    """Return the design of a codec that was run and scored elsewhere."""
    from lrac_audit.design.formats import load_design

    if design is None:
        allowed = "the codec whose scores --versa-result gives"
        raise InputError("options", [Problem("--design", "nothing", allowed)])
    return load_design(design).design


def _others(published: str) -> Callable[[str | None], Sequence[PublishedRow]]:
    """Return how to find the scores to show beside, given the limit set of the codec's design."""
    from reference_models.evaluation.published_scores import load_published, paper_scores

    if published == "paper":
        return paper_scores
    rows = () if published == "none" else load_published(Path(published))
    return lambda _: rows


def _against(report: EvaluationReport, earlier: SavedEvaluation, path: str) -> EvaluationReport:
    """Return the report with a comparison with an earlier evaluation."""
    from reference_models.evaluation.codec_comparison import compared_scores

    compared = compared_scores(report.results, earlier.results, report.metrics, path)
    return replace(report, other=earlier.codec, compared=compared)


def _found(chosen: Sequence[str], results: Sequence[Result]) -> list[str]:
    """Return the measures that were asked for and that VERSA has computed.

    Raises:
        InputError: there are none.
    """
    known = {name for result in results for one in result.utterances for name in one.scores}
    found = [name for name in chosen if name in known]
    if not found:
        given = f"{', '.join(chosen)}, which VERSA did not compute"
        raise InputError("options", [Problem("--metric", given, one_of(sorted(known)))])
    return found


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
