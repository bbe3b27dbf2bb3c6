"""The report on thresholds that were fitted to a list of kept files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import ScreenSection
from lrac_audit.report.content import DocumentContent, RecordContent, ScreenContent
from reference_models.corpus.thresholds import requested_options

if TYPE_CHECKING:
    from reference_models.corpus.fitting import Fit

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class FittingReport(ScreenContent, DocumentContent, RecordContent):
    """Thresholds, precision and recall."""

    fit: Fit

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return how well the thresholds do, and the options that set them."""
        names = ("Kept", "Listed", "Both", "Precision", "Recall", "F1")
        fit = self.fit
        counts = [f"{count:,}" for count in (fit.kept, fit.listed, fit.both)]
        shares = [f"{share:.1%}" for share in (fit.precision, fit.recall, fit.f1)]
        columns = [Column(name, right=True) for name in names]
        options = [[option] for option in requested_options(fit.thresholds)]
        return [[Table(columns, [[*counts, *shares]])], [Table([Column("Options")], options)]]

    def document(self) -> Mapping[str, Any]:
        """Return the figures, the thresholds, and the options that set them."""
        return {
            "schema_version": SCHEMA_VERSION,
            **self.records()[0],
            "thresholds": [one._asdict() for one in self.fit.thresholds],
            "options": requested_options(self.fit.thresholds),
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return the figures and the options as one record."""
        fit = self.fit
        figures = {"kept": fit.kept, "listed": fit.listed, "both": fit.both}
        shares = {"precision": fit.precision, "recall": fit.recall, "f1": fit.f1}
        return [{**figures, **shares}]
