"""The rows that tables of noise classes have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reference_models.corpus.rows import RowKind

SCORE = "score_"
"""How the column of the score of a class begins, before the name of the class."""


class Classification(NamedTuple):
    """The class of one file."""

    uid: str
    duration_s: float
    sample_rate_hz: int
    error: str = ""
    """The reason why the file could not be classified; empty for one that was."""
    classifier: str = ""
    """The fingerprint of model and ontology."""
    noise_class: str | None = None
    """The class with the largest score."""
    confidence: float | None = None
    """That score."""
    scores: tuple[float | None, ...] = ()
    """The probability of each class, in the order of the ontology."""


FIXED = Classification._fields[:-1]
"""The columns before those of scores."""


def classification_rows(
    class_names: Sequence[str] = (), classifier: str | None = None
) -> RowKind[Classification]:
    """Return the kind of rows with scores of these classes.

    Without names, scores are not read. A table of another ``classifier`` is refused.
    """
    columns = tuple(SCORE + name for name in class_names)

    def from_cells(cells: Mapping[str, Any]) -> Classification:
        fixed = {name: cells[name] for name in FIXED}
        return Classification(**fixed, scores=tuple(cells[name] for name in columns))

    def to_cells(row: Classification) -> Sequence[Any]:
        return [*row[: len(FIXED)], *(row.scores or [None] * len(columns))]

    numbers = ("duration_s", "sample_rate_hz", "confidence", *columns)
    same = {} if classifier is None else {"classifier": classifier}
    return RowKind((*FIXED, *columns), frozenset(numbers), from_cells, to_cells, same)
