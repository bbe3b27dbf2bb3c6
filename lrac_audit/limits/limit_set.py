"""Limit sets: YAML files of the fields of :class:`LimitSet`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from lrac_audit.design.bounds import MAX_SAMPLE_RATE_HZ
from lrac_audit.design.yaml_source import Tree, read_yaml
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.files import exists
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.memory import BYTES_PER_VALUE, STATE_DTYPE
from lrac_audit.limits.budgets import BUDGETS, Amount
from lrac_audit.validation.kinds import POSITIVE, Choice, Text, Whole
from lrac_audit.validation.part import rules_of
from lrac_audit.validation.reading import check, read
from lrac_audit.validation.structures import Count

CHALLENGE_LIMITS = ("lrac-2025-track1", "lrac-2025-track2")
"""The limit sets of the LRAC 2025 challenge, which design sheets and comparisons hold."""
LIMIT_SETS = (*CHALLENGE_LIMITS, "ulbc-proposal-2026-02")
"""The limit sets that come with the package."""
DEFAULT_LIMITS = CHALLENGE_LIMITS[0]
"""The limit set of a design that names none: the strictest."""
EDITED_LIMITS = "own limits of the sheet"
"""Name of a limit set that a design sheet has edited."""
MAX_TEXT_CHARACTERS = 1000
MAX_BITRATES = 64
MAX_SAMPLE_RATES = 16

Positive = Annotated[float, POSITIVE]
Dtype = Annotated[str, Choice(tuple(BYTES_PER_VALUE))]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSet:
    """Upper bounds on a codec, and the convention that they are written in.

    A bound that is None is not checked. Construction checks all fields and raises ``InputError``
    with every problem found.
    """

    name: Annotated[str, Text(MAX_TEXT_CHARACTERS)]
    """For people; appears in reports."""
    source: Annotated[str, Text(MAX_TEXT_CHARACTERS, low=0)] = ""
    """Where the limits come from, for people."""
    proposed: Annotated[str, Text(MAX_TEXT_CHARACTERS, low=0)] = ""
    """Date of the proposal, for limits that nobody has agreed on; empty for limits in force."""
    convention: Annotated[str, Choice(tuple(CONVENTIONS))]
    """Name of the counting convention that the MFLOPS are meant in."""
    stored_dtype: Dtype = STATE_DTYPE
    """The type in which stored values are counted in bytes."""
    signal_dtype: Dtype = STATE_DTYPE
    """The type in which state and scratch values are counted in bytes."""
    sample_rate_hz: Annotated[int, Whole(1, MAX_SAMPLE_RATE_HZ)] | None = None
    """The one sample rate that is allowed, in Hz."""
    bitrates_kbps: Annotated[tuple[Positive, ...], Count(0, MAX_BITRATES)] = ()
    """One system must serve, for each of these, a mode of at most that bitrate, in kbps."""
    overall_mflops: Positive | None = None
    """Cost of the transmit and the receive side together, in millions of operations per second of
    audio."""
    receive_mflops: Positive | None = None
    """Cost of the receive side alone, in millions of operations per second of audio."""
    total_latency_ms: Positive | None = None
    """Buffering and algorithmic latency of both sides, in milliseconds; processing time apart."""
    overall_mmacs_per_s: Positive | None = None
    """Multiply-accumulates of both sides, in millions per second of audio, whatever the
    convention."""
    parameters_millions: Positive | None = None
    """Values that a device with both sides stores, in millions; shared ones count once."""
    stored_bytes: Positive | None = None
    """Values that a device with both sides stores, in bytes, each as a ``stored_dtype``; shared
    ones count once."""
    transmit_stored_bytes: Positive | None = None
    """Values that the transmit side stores, in bytes, each as a ``stored_dtype``."""
    receive_stored_bytes: Positive | None = None
    """Values that the receive side stores, in bytes, each as a ``stored_dtype``."""
    state_bytes: Positive | None = None
    """State of a stream on both sides, what skip paths hold included; in bytes, each value as a
    ``signal_dtype``."""
    transmit_state_bytes: Positive | None = None
    """State of a stream on the transmit side, in bytes, each value as a ``signal_dtype``."""
    receive_state_bytes: Positive | None = None
    """State of a stream on the receive side, in bytes, each value as a ``signal_dtype``."""
    scratch_bytes: Positive | None = None
    """The most values that live at once in a frame, of the larger side: the two take turns. In
    bytes, each value as a ``signal_dtype``."""
    transmit_scratch_bytes: Positive | None = None
    """The most values that live at once in a frame on the transmit side, in bytes, each as a
    ``signal_dtype``."""
    receive_scratch_bytes: Positive | None = None
    """The most values that live at once in a frame on the receive side, in bytes, each as a
    ``signal_dtype``."""
    frame_multiple_ms: Positive | None = None
    """The duration in milliseconds that a frame must be a multiple of."""
    sample_rates_hz: Annotated[
        tuple[Annotated[int, Whole(1, MAX_SAMPLE_RATE_HZ)], ...], Count(0, MAX_SAMPLE_RATES)
    ] = ()
    """The sample rates of which a codec may choose one, in Hz."""
    max_increase: Annotated[Mapping[str, Amount], BUDGETS] | None = None
    """How much more than a baseline, where one is given, each of these figures may be: a number, or
    a share such as ``1%``."""

    def __post_init__(self) -> None:
        check(self, self.name)

    @property
    def title(self) -> str:
        """The name, with the date of the proposal where the limits are not in force."""
        proposal = f" (proposal of {self.proposed}, not agreed)" if self.proposed else ""
        return f"{self.name}{proposal}"

    @property
    def bounds(self) -> tuple[object, ...]:
        """The values of :data:`BOUNDS`."""
        return tuple(getattr(self, name) for name in BOUNDS)


_ABOUT = (
    *("name", "source", "proposed", "convention", "stored_dtype", "signal_dtype"),
    "max_increase",
)
BOUNDS = tuple(f.name for f in fields(LimitSet) if f.name not in _ABOUT)
"""The fields that are bounds, of which a limit set has at least one."""


@rules_of(LimitSet)
def _broken_rules(limits: LimitSet, bad_fields: frozenset[str]) -> Iterator[Problem]:
    if not bad_fields and not any(limits.bounds):
        yield Problem("", "no limit", "at least one, such as overall_mflops")


def load_limits(limits: str | Path) -> LimitSet:
    """Return the limit set called ``limits``, or else the one in the YAML file at that path.

    Raises:
        InputError: with every problem of the file.
    """
    source = str(limits)
    if source in LIMIT_SETS:
        return _shipped(source)
    path = Path(source)
    if not exists(path):
        allowed = f"a file, or {one_of(LIMIT_SETS, source)}"
        raise InputError("limits", [Problem("", f"no such limit set: {shown(source)}", allowed)])
    return parse_limits(read_yaml(path), source)


@lru_cache
def _shipped(name: str) -> LimitSet:
    return parse_limits(read_yaml(Path(__file__).with_name(f"{name}.yaml")), name)


def parse_limits(tree: Tree, source: str) -> LimitSet:
    """Return the limit set that ``tree``, the content of a YAML file, holds.

    Raises:
        InputError: with every problem found.
    """
    return read(LimitSet, tree, source)


def edited_limits(limits: LimitSet, edits: Mapping[str, Any], source: str) -> LimitSet:
    """Return ``limits`` with some of its fields replaced by ``edits``.

    Raises:
        InputError: with every edit that is not allowed.
    """
    if not edits:
        return limits
    fields = {**asdict(limits), "name": EDITED_LIMITS, "source": "", **edits}
    tree = {key: list(v) if isinstance(v, tuple) else v for key, v in fields.items()}
    return parse_limits(tree, source)


def limits_schema() -> dict[str, Any]:
    """Return the JSON Schema of a limit set, which must have at least one bound."""
    from lrac_audit.validation.json_schema import json_schema

    schema = json_schema(LimitSet, "Limits that a codec must keep to")
    return schema | {"anyOf": [{"required": [bound]} for bound in BOUNDS]}
