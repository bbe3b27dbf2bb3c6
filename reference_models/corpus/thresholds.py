"""Thresholds on measures, which a file must keep to be selected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from lrac_audit.errors import InputError, Problem, one_of, shown
from reference_models.corpus.measurement import MEASURES, Measurement
from reference_models.data.manifest import number_in

Kind = Literal["min", "max"]

NO_THRESHOLD = "none"
"""The word for no threshold where one is the default."""


class Threshold(NamedTuple):
    """The smallest or the largest value of one measure."""

    measure: str
    kind: Kind
    value: float

    def is_kept_by(self, row: Measurement) -> bool:
        """Return whether ``row`` keeps this threshold.

        Where the measure is missing, a smallest value is not kept and a largest is: silence has no
        signal-to-noise ratio, and in a dry recording no decay of a room is found.
        """
        value = getattr(row, self.measure)
        if value is None:
            return self.kind == "max"
        return bool(value >= self.value if self.kind == "min" else value <= self.value)

    def __str__(self) -> str:
        return f"{self.measure} {'>=' if self.kind == 'min' else '<='} {self.value:g}"


DEFAULT_THRESHOLDS = (
    Threshold("snr_db", "min", 20.0),
    Threshold("decay_s", "max", 0.6),
    Threshold("bandwidth_hz", "min", 7000.0),
    Threshold("clipped_share", "max", 0.001),
    Threshold("active_share", "min", 0.3),
)
"""Ours; the thresholds behind the published lists are not published."""


def requested_thresholds(smallest: Sequence[str], largest: Sequence[str]) -> list[Threshold]:
    """Return the defaults, replaced where requests such as ``snr_db=15`` or ``snr_db=none`` are.

    Raises:
        InputError: a request is wrong, or there are two for one; all are named.
    """
    chosen: dict[tuple[str, Kind], Threshold | None] = {
        (one.measure, one.kind): one for one in DEFAULT_THRESHOLDS
    }
    seen, problems = set(), []
    for kind, request in _by_kind(smallest, largest):
        measure, _, text = request.partition("=")
        value = math.nan if text == NO_THRESHOLD else number_in(text)
        field = f"--{kind}"
        if measure not in MEASURES:
            problems.append(Problem(field, shown(request), one_of(MEASURES, measure)))
        elif value is None or math.isinf(value) or (math.isnan(value) and text != NO_THRESHOLD):
            allowed = f"{measure}=NUMBER or {measure}={NO_THRESHOLD}"
            problems.append(Problem(field, shown(request), allowed))
        elif (measure, kind) in seen:
            problems.append(Problem(field, f"{measure} twice", "once"))
        else:
            chosen[measure, kind] = None if math.isnan(value) else Threshold(measure, kind, value)
            seen.add((measure, kind))
    if problems:
        raise InputError("options", problems)
    return [one for one in chosen.values() if one is not None]


def requested_options(thresholds: Iterable[Threshold]) -> list[str]:
    """Return the options of the command line that ask for exactly these ``thresholds``."""
    asked = {(one.measure, one.kind): f"{one.value:.6g}" for one in thresholds}
    default = {(one.measure, one.kind): NO_THRESHOLD for one in DEFAULT_THRESHOLDS}
    return [f"--{kind} {measure}={text}" for (measure, kind), text in (default | asked).items()]


def _by_kind(smallest: Sequence[str], largest: Sequence[str]) -> Iterable[tuple[Kind, str]]:
    for request in smallest:
        yield "min", request
    for request in largest:
        yield "max", request
