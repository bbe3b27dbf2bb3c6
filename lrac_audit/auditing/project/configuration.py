"""The configuration of a project, as its file declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import RVQ_FORMS
from lrac_audit.limits.budgets import BUDGETS, Amount
from lrac_audit.validation.alternatives import OneOrEach
from lrac_audit.validation.kinds import POSITIVE, Choice, Kind, Text
from lrac_audit.validation.reading import check
from lrac_audit.validation.structures import Count, Items

MAX_TARGETS = 10_000
MAX_TERMS = 64
NAME = Text(1000, meaning="a name or a path, of at most 1000 printable characters")


def _one_or_several(kind: Kind, most: int) -> OneOrEach:
    return OneOrEach(kind, Items(kind, Count(1, most, distinct=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The targets and terms of `lrac-audit check` in a project, where no target is given.

    Every combination of ``limits``, ``conventions``, ``rvq`` and ``bitrates_kbps`` is checked for
    each target. Each of them, and ``targets``, is one value or a list.
    """

    targets: Annotated[str | tuple[str, ...], _one_or_several(NAME, MAX_TARGETS)]
    """Designs, recipes, sheets, presets, folders, patterns, or ``python:package.module:factory``,
    whose code runs when the project is checked."""
    limits: Annotated[str | tuple[str, ...], _one_or_several(NAME, MAX_TERMS)] | None = None
    """Limit sets: names, or paths of YAML files."""
    conventions: (
        Annotated[str | tuple[str, ...], _one_or_several(Choice(tuple(CONVENTIONS)), MAX_TERMS)]
        | None
    ) = None
    """Counting conventions."""
    rvq: (
        Annotated[str | tuple[str, ...], _one_or_several(Choice(RVQ_FORMS), len(RVQ_FORMS))] | None
    ) = None
    """Forms of the quantizer."""
    bitrates_kbps: (
        Annotated[float | tuple[float, ...], _one_or_several(POSITIVE, MAX_TERMS)] | None
    ) = None
    """Modes, by their bitrates."""
    baseline: Annotated[str, NAME] | None = None
    """The audit document, or the revision of git, that each target is held to."""
    max_increase: Annotated[Mapping[str, Amount], BUDGETS] | None = None
    """How much more than the baseline each of these figures may be: a number, or a share such as
    ``1%``."""

    def __post_init__(self) -> None:
        check(self, None)

    @property
    def terms(self) -> Mapping[str, tuple[Any, ...]]:
        """The fields that are one value or several, each as a tuple; empty where it is not set."""
        fields = ("targets", "limits", "conventions", "rvq", "bitrates_kbps")
        return {name: _listed(getattr(self, name)) for name in fields}


def _listed(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def project_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``lrac-audit.yaml`` and of its table in ``pyproject.toml``."""
    from lrac_audit.validation.json_schema import json_schema

    return json_schema(Project, "What lrac-audit check does in a project")
