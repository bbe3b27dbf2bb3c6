"""The kinds of content that a report can have.

A report is a class that derives from the kinds that it has. A format renders one kind of content,
so that it works for every report that has it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from lrac_audit.report.blocks import Bullets, Heading

if TYPE_CHECKING:
    from lrac_audit.console.layout import Column
    from lrac_audit.errors import InputError
    from lrac_audit.limits.check import Check
    from lrac_audit.report.blocks import IllustratedSection, PageSection, ScreenSection
    from lrac_audit.report.workbook.page import Page

REFUSED = "error"
"""The status of a target that could not be audited."""


class ScreenContent(ABC):
    """Sections to be read in a terminal, where the last line is seen first."""

    @abstractmethod
    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the sections from top to bottom."""


class PageContent(ABC):
    """Sections to be read from the top, in a pull request or a browser."""

    @abstractmethod
    def page_sections(self) -> Sequence[PageSection]:
        """Return the sections from top to bottom."""

    def title(self) -> str:
        """Return the title of the page, for formats that have a place for one."""
        return "lrac-audit"

    def illustrated_sections(self) -> Sequence[IllustratedSection]:
        """Return the sections of a page that has room for pictures and every detail."""
        return self.page_sections()


class DocumentContent(ABC):
    """Plain data for other programs, with a ``schema_version``."""

    json_indent: ClassVar[int | None] = 2
    """Spaces of each level in JSON; None for one line, where lists are long."""

    @abstractmethod
    def document(self) -> Mapping[str, Any]:
        """Return the data as dictionaries, lists, text, numbers and None."""


class RowContent(ABC):
    """Rows of values, for spreadsheet programs and scripts."""

    @abstractmethod
    def rows(self) -> Iterable[Sequence[Any]]:
        """Return the rows from top to bottom, a header included; None for an empty cell."""


class RecordContent(RowContent):
    """Records of the same fields, one a row under a header."""

    @abstractmethod
    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return at least one record."""

    def rows(self) -> Iterable[Sequence[Any]]:
        """Return the names of the fields, then the values of each record."""
        records = self.records()
        fields = list(records[0])
        return [fields, *([record[field] for field in fields] for record in records)]


class WorkbookContent(ABC):
    """Pages of a workbook that calculates."""

    @abstractmethod
    def pages(self) -> Sequence[Page]:
        """Return the pages in the order of their tabs."""

    @abstractmethod
    def title(self) -> str:
        """Return the title of the workbook."""


class TypesetContent(ABC):
    """Tables for a paper."""

    @abstractmethod
    def typeset_tables(self) -> Sequence[TypesetTable]:
        """Return the tables in the order in which they are referred to."""


class TypesetTable(NamedTuple):
    """One table for a paper."""

    label: str
    """By which the text of a paper refers to it; of letters."""
    caption: str
    columns: Sequence[Column]
    parts: Sequence[TypesetPart]
    """Rows, in parts with a rule between them."""


class TypesetPart(NamedTuple):
    """Rows that stand together in a table for a paper."""

    title: str
    """Stands above them; empty for no title."""
    rows: Sequence[Sequence[str]]


class CardContent(ABC):
    """The card of a model on a hub: metadata for its search, and a page for its users."""

    @abstractmethod
    def card_title(self) -> str:
        """Return the name of the model."""

    @abstractmethod
    def card_metadata(self) -> Mapping[str, Any]:
        """Return plain data, of which a hub knows some keys."""

    @abstractmethod
    def card_sections(self) -> Sequence[PageSection]:
        """Return the sections of the page under its title."""


class CheckContent(ABC):
    """Targets that were checked against limits."""

    @abstractmethod
    def checked_targets(self) -> Sequence[CheckedTarget]:
        """Return the targets in the order in which they were given."""

    @abstractmethod
    def refused_targets(self) -> Sequence[RefusedTarget]:
        """Return the targets that could not be audited."""

    @abstractmethod
    def summary_sections(self) -> Sequence[PageSection]:
        """Return a page with a row for each target, and each that differs from its baseline.

        It is empty where few targets need none.
        """


class RefusedTarget(NamedTuple):
    """A target that could not be audited, and why."""

    source: str
    """The target as it was given."""
    error: InputError

    @property
    def problems(self) -> list[str]:
        """One sentence for each problem, which begins with its place."""
        return str(self.error).splitlines()

    @property
    def page(self) -> Sequence[PageSection]:
        """The target and its problems."""
        return [[Heading(f"{self.source}: {REFUSED}"), Bullets(self.problems)]]


class CheckResult(NamedTuple):
    """One limit checked, and what people should read about it."""

    check: Check
    sentence: str
    """Status, value, limit and margin."""
    remedies: Sequence[str]
    """Changes of which each alone would keep all limits, or how much must go; none where the limit
    is kept."""
    field: str = ""
    """The field that takes most of what the limit is about; empty where none does, or where the
    limit is kept."""
    line: int | None = None
    """The line of that field in the target's file; None where it has none."""


class CheckedTarget(NamedTuple):
    """One target that was checked."""

    source: str
    """The target as it was given."""
    results: Sequence[CheckResult]
    reasons: Sequence[str]
    """Sentences that explain the verdict."""
    page: Sequence[PageSection]
    """The verdict and the table of its checks."""
    terms: str = ""
    """The limit set, form, bitrate and counting convention that the verdict is about."""
    doubts: Sequence[str] = ()
    """Disagreements of witnesses, any of which makes the verdict incomplete."""
    one_of_several: bool = False
    """Whether the target has other judgements too."""

    @property
    def title(self) -> str:
        """The target, with the terms where it has several judgements."""
        return f"{self.source} ({self.terms})" if self.one_of_several else self.source

    @property
    def mending(self) -> list[str]:
        """The remedies as sentences, each of which names the checks that it is for."""
        checks: dict[str, list[str]] = {}
        for result in self.results:
            for remedy in result.remedies:
                checks.setdefault(remedy, []).append(result.check.id)
        return [f"to mend {' and '.join(ids)}: {remedy}" for remedy, ids in checks.items()]
