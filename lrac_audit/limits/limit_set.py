"""What a codec must keep to: a limit set is a YAML file of the fields of :class:`LimitSet`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from lrac_audit.design.fields import NOTHING, FieldReader
from lrac_audit.design.yaml_source import Tree, read_yaml
from lrac_audit.errors import InputError, Problem, one_of, shown
from lrac_audit.ledger.conventions import CONVENTIONS

LIMIT_SETS = ("lrac-2025-track1", "lrac-2025-track2")
"""The limit sets that come with the package."""
DEFAULT_LIMITS = LIMIT_SETS[0]
"""For a design that names none: the strictest."""
MAX_TEXT_CHARACTERS = 1000
MAX_BITRATES = 64


class LimitSet(NamedTuple):
    """Upper bounds on a codec, and the convention that they are written in.

    A bound that is None is not checked.
    """

    name: str
    source: str
    """Where the limits come from, for people."""
    convention: str
    """Name of the counting convention that the MFLOPS are meant in."""
    sample_rate_hz: int | None
    """The one sample rate that is allowed."""
    bitrates_kbps: tuple[float, ...]
    """One system must serve, for each of these, a mode of at most that bitrate."""
    overall_mflops: float | None
    """Transmit and receive side together."""
    receive_mflops: float | None
    total_latency_ms: float | None
    """Buffering and algorithmic, both sides; processing time apart."""


def load_limits(limits: str | Path) -> LimitSet:
    """The limit set called ``limits``, or else the one in the YAML file at that path.

    Raises:
        InputError: with every problem of the file.
    """
    source = str(limits)
    if source in LIMIT_SETS:
        return _shipped(source)
    path = Path(source)
    if not path.exists():
        allowed = f"a file, or {one_of(LIMIT_SETS, source)}"
        raise InputError("limits", [Problem("", f"no such limit set: {shown(source)}", allowed)])
    return parse_limits(read_yaml(path), source)


@lru_cache
def _shipped(name: str) -> LimitSet:
    return parse_limits(read_yaml(Path(__file__).with_name(f"{name}.yaml")), name)


def parse_limits(tree: Tree, source: str) -> LimitSet:
    """The limit set that ``tree``, the content of a YAML file, holds.

    Raises:
        InputError: with every problem found.
    """
    problems: list[Problem] = []
    reader = FieldReader(tree, "", problems)
    limits = LimitSet(
        name=_text(reader, "name"),
        source=_text(reader, "source", default=""),
        convention=_convention(reader),
        sample_rate_hz=_sample_rate(reader),
        bitrates_kbps=_bitrates(reader),
        overall_mflops=_bound(reader, "overall_mflops"),
        receive_mflops=_bound(reader, "receive_mflops"),
        total_latency_ms=_bound(reader, "total_latency_ms"),
    )
    reader.finish()
    bounds = limits._replace(name="", source="", convention="")
    if not problems and not any(bounds):
        reader.problem("", "no limit", "at least one, such as overall_mflops")
    if problems:
        raise InputError(source, problems)
    return limits


def _text(reader: FieldReader, key: str, default: object = NOTHING) -> str:
    value = reader.value(key, default)
    fits = isinstance(value, str) and value.isprintable() and len(value) <= MAX_TEXT_CHARACTERS
    if fits and (value or default == ""):
        return str(value)
    reader.problem(key, shown(value), f"1 to {MAX_TEXT_CHARACTERS} printable characters")
    return ""


def _convention(reader: FieldReader) -> str:
    value = reader.value("convention")
    if isinstance(value, str) and value in CONVENTIONS:
        return value
    reader.problem("convention", shown(value), "one of " + ", ".join(CONVENTIONS))
    return ""


def _sample_rate(reader: FieldReader) -> int | None:
    value = reader.value("sample_rate_hz", None)
    if value is not None and (type(value) is not int or value < 1):
        reader.problem("sample_rate_hz", shown(value), "a positive whole number")
        return None
    rate: int | None = value
    return rate


def _is_positive(value: object) -> bool:
    return type(value) in (int, float) and isinstance(value, int | float) and 0 < value < 1e18


def _bound(reader: FieldReader, key: str) -> float | None:
    value = reader.value(key, None)
    if value is not None and not _is_positive(value):
        reader.problem(key, shown(value), "a positive number")
        return None
    number: float | None = value
    return number


def _bitrates(reader: FieldReader) -> tuple[float, ...]:
    values = reader.items("bitrates_kbps")
    if len(values) > MAX_BITRATES:
        reader.problem("bitrates_kbps", f"{len(values)} entries", f"at most {MAX_BITRATES}")
    for i, value in enumerate(values):
        if not _is_positive(value):
            reader.problem(f"bitrates_kbps[{i}]", shown(value), "a positive number")
    return tuple(v for v in values if _is_positive(v))
