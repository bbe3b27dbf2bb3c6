"""Names that options take, for shell completion; each list is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Iterable


def presets() -> Iterable[str]:
    """Return the designs that can be named without a path."""
    from lrac_audit.presets import PRESETS

    return PRESETS


def configurations() -> Iterable[str]:
    """Return the training configurations that come with the package."""
    from reference_models.training.configurations import CONFIGURATIONS

    return CONFIGURATIONS


def metrics() -> Iterable[str]:
    """Return the measures that ``evaluate`` can compute."""
    from reference_models.evaluation.columns import COLUMNS

    return [*COLUMNS, "all"]
