"""Results of the VERSA toolkit, which scored the decoded files of one condition and bitrate.

VERSA writes a line for each utterance, a mapping of ``key``, which is the utterance, and of its
measures: as JSON or, in older versions, as Python shows it.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from reference_models.data.manifest import check_names, number_in, read_lines
from reference_models.evaluation.results import Result, Scored
from reference_models.evaluation.saved_evaluation import finite_scores

NAMES = {"audiobox_aesthetics_CE": "audiobox_ce", "si_snr": "si_sdr"}
"""Names of VERSA for measures that have another one here; its ``si_snr`` is the same ratio."""
MAX_LINE_CHARACTERS = 100_000
GIVEN = "CONDITION@KBPS=FILE, such as clean@6=scores.jsonl"


class VersaResult(NamedTuple):
    """A file of VERSA, and what was scored in it."""

    condition: str
    bitrate_kbps: float
    path: Path


def parse_versa(given: str) -> VersaResult:
    """Return what ``CONDITION@KBPS=FILE`` says.

    Raises:
        InputError: it says something else.
    """
    place, _, path = given.partition("=")
    condition, _, kbps = place.partition("@")
    bitrate_kbps = number_in(kbps)
    if not condition or not path or bitrate_kbps is None:
        raise InputError("options", [Problem("--versa-result", shown(given), GIVEN)])
    return VersaResult(condition, bitrate_kbps, Path(path))


def load_versa(given: VersaResult) -> Result:
    """Return the scores in a file of VERSA, those of known measures.

    Raises:
        InputError: the file cannot be read, a line is no result, or utterances share a name.
    """
    lines = read_lines(given.path).splitlines()
    where = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    scored = [_scored(line, f"{given.path}:{number}") for number, line in where]
    if not scored:
        raise InputError(str(given.path), [Problem("", "no lines", "a line for each utterance")])
    check_names([one.uid for one in scored], str(given.path))
    return Result(given.condition, given.bitrate_kbps, tuple(scored))


def merged(results: list[Result], others: list[Result]) -> list[Result]:
    """Return ``results`` with the scores of ``others`` for the same condition and bitrate.

    Results of other conditions and bitrates come after them.
    """
    left = list(others)
    found = []
    for result in results:
        same = [one for one in left if one[:2] == result[:2]]
        left = [one for one in left if one not in same]
        for other in same:
            result = _with_scores(result, other)
        found.append(result)
    return [*found, *left]


def _with_scores(result: Result, other: Result) -> Result:
    scores = {one.uid: one.scores for one in other.utterances}
    unlike = sorted(scores.keys() ^ {one.uid for one in result.utterances})
    if unlike:
        given = f"in one of both only: {', '.join(unlike[:5])}"
        where = f"{result.condition}, {result.bitrate_kbps:g} kbps"
        allowed = "scores of the same utterances"
        raise InputError("--versa-result", [Problem(where, given, allowed)])
    added = (one._replace(scores=one.scores | scores[one.uid]) for one in result.utterances)
    return result._replace(utterances=tuple(added))


def _scored(line: str, where: str) -> Scored:
    tree = _mapping(line)
    uid = None if tree is None else tree.pop("key", None)
    if tree is None or not isinstance(uid, str):
        allowed = "a mapping with the key of the utterance and its scores"
        raise InputError(where, [Problem("", shown(line[:80]), allowed)])
    named = {NAMES.get(name, name): value for name, value in tree.items()}
    return Scored(uid, None, finite_scores(named, where), {})


def _mapping(line: str) -> dict[str, Any] | None:
    """Return the mapping that a line shows; None where it shows none."""
    if len(line) > MAX_LINE_CHARACTERS:
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(line)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return found if isinstance(found, dict) else None
    return None
