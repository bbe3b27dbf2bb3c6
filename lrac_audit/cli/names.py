"""Names that options take, for the completion of a shell; each list is loaded when it is asked."""

from __future__ import annotations

from collections.abc import Iterable


def presets() -> Iterable[str]:
    """Return the designs that can be named without a path."""
    from lrac_audit.presets import PRESETS

    return PRESETS


def limit_sets() -> Iterable[str]:
    """Return the limit sets that come with the package."""
    from lrac_audit.limits.limit_set import LIMIT_SETS

    return LIMIT_SETS


def conventions() -> Iterable[str]:
    """Return the counting conventions."""
    from lrac_audit.ledger.conventions import CONVENTIONS

    return CONVENTIONS


def rvq_forms() -> Iterable[str]:
    """Return the forms of the quantizer."""
    from lrac_audit.ledger.row import RVQ_FORMS

    return RVQ_FORMS


def stages() -> Iterable[str]:
    """Return the parts of a codec whose cost is published."""
    from lrac_audit.ledger.totals import PARTS

    return PARTS


def sources() -> Iterable[str]:
    """Return the publications whose figures are in the corpus."""
    from lrac_audit.published.sources import source_names

    return source_names()


def groupings() -> Iterable[str]:
    """Return the parts whose costs a table can sum."""
    from lrac_audit.report.cost_groups import GROUPINGS

    return GROUPINGS


def sort_columns() -> Iterable[str]:
    """Return the columns by which targets can be sorted."""
    from lrac_audit.auditing.entry_order import COLUMNS

    return COLUMNS
