"""Earlier evaluations, as ``evaluate --format json`` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.validation.kinds import Number
from reference_models.data.manifest import read_lines
from reference_models.evaluation.columns import COLUMNS
from reference_models.evaluation.results import Result, Scored

WANTED = "an evaluation, as `lrac-codec evaluate --format json` writes it"


class SavedEvaluation(NamedTuple):
    """The codec of an earlier evaluation and its scores."""

    codec: str
    results: tuple[Result, ...]


def load_evaluation(path: Path) -> SavedEvaluation:
    """Return the evaluation in a JSON file; measures that are not known here are left out.

    Raises:
        InputError: the file cannot be read, or is no evaluation.
    """
    text = read_lines(path)
    try:
        document = json.loads(text)
        codec, results = document["codec"], document["results"]
        found = tuple(_result(one) for one in results)
        if not isinstance(codec, str):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(str(path), [Problem("", "other content", WANTED)]) from None
    return SavedEvaluation(codec, found)


def finite_scores(scores: dict[str, Any], path: str) -> dict[str, float]:
    """Return those of ``scores`` that are of a known measure.

    Raises:
        InputError: one of them is no finite number.
    """
    known = {name: value for name, value in scores.items() if name in COLUMNS}
    for name, value in known.items():
        if not Number().accepts(value):
            raise InputError(path, [Problem(name, shown(value), "a finite number")])
    return {name: float(value) for name, value in known.items()}


def _result(tree: dict[str, Any]) -> Result:
    bitrate_kbps = tree["bitrate_kbps"]
    if not isinstance(tree["condition"], str) or not Number().accepts(bitrate_kbps):
        raise TypeError
    utterances = tuple(_scored(one) for one in tree["utterances"])
    return Result(tree["condition"], float(bitrate_kbps), utterances)


def _scored(tree: dict[str, Any]) -> Scored:
    if not isinstance(tree["uid"], str):
        raise TypeError
    return Scored(tree["uid"], None, finite_scores(tree["scores"], tree["uid"]), {})
