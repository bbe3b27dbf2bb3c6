"""The report that sets codecs beside the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import (
    Bullets,
    Heading,
    IllustratedBlock,
    IllustratedSection,
    PageSection,
    Picture,
    ScreenSection,
)
from lrac_audit.report.content import DocumentContent, PageContent, RecordContent, ScreenContent
from lrac_audit.report.numerals import number, signed

if TYPE_CHECKING:
    from lrac_audit.auditing.comparison.alignment import Pair
    from lrac_audit.auditing.comparison.compare import Change, Comparison, Difference
    from lrac_audit.auditing.comparison.figures import Layer

UNKNOWN = "unknown"
"""Stands for a figure that was not measured, or that no number bounds."""
COSTS = ("mflops", "stored_values", "state_values", "delay_ms")
"""The numbers of a layer that cost something; without them a difference is not shown to people."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class ComparisonReport(ScreenContent, PageContent, DocumentContent, RecordContent):
    """The totals of each codec beside those of the first, then the layers that differ."""

    comparison: Comparison

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the same as on a page."""
        return self.page_sections()

    def title(self) -> str:
        """Return the targets that are compared."""
        first, *others = self.comparison.codecs
        return f"{first.source} beside {', '.join(each.source for each in others)}"

    def page_sections(self) -> Sequence[PageSection]:
        """Return what the letters stand for, the totals, and the layers that differ."""
        sections: list[PageSection] = [[Bullets(list(self._legend()))], [self._totals()]]
        for i, difference in enumerate(self.comparison.differences, start=1):
            sections.append(_layers(difference, letter(i)))
        return sections

    def illustrated_sections(self) -> Sequence[IllustratedSection]:
        """Return the same with a picture of what changed before each table of layers."""
        from lrac_audit.report.pictures.change_picture import (
            change_picture,
            change_words,
            layer_changes,
        )

        legend, totals, *layers = self.page_sections()
        sections: list[IllustratedSection] = [legend, totals]
        for i, (difference, section) in enumerate(
            zip(self.comparison.differences, layers, strict=True), start=1
        ):
            heading, *tables = section
            drawn: list[IllustratedBlock] = []
            if layer_changes(difference):
                caption = f"What {letter(i)} costs more than A, by stage and by layer."
                words, draw = change_words(difference), partial(change_picture, difference)
                drawn.append(Picture(f"change-{i}", caption, words, draw))
            sections.append([heading, *drawn, *tables])
        return sections

    def document(self) -> Mapping[str, Any]:
        """Return the codecs, and how each but the first differs from the first."""
        from lrac_audit.auditing.document import SCHEMA_VERSION

        first = self.comparison.codecs[0]
        return {
            "schema_version": SCHEMA_VERSION,
            "convention": {"name": first.convention, "unit": first.unit},
            "codecs": [
                {
                    "source": each.source,
                    "name": each.name,
                    "terms": each.terms,
                    "verdict": each.verdict,
                    "figures": dict(each.values),
                }
                for each in self.comparison.codecs
            ],
            "differences": [_difference_data(each) for each in self.comparison.differences],
        }

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Return one record for each figure, and for each layer that differs, of each codec."""
        return [
            {"codec": difference.after.source, **record}
            for difference in self.comparison.differences
            for record in _records(difference)
        ]

    def _legend(self) -> Iterator[str]:
        for i, codec in enumerate(self.comparison.codecs):
            yield f"{letter(i)} is {codec.source}: {codec.name} ({codec.terms}), {codec.verdict}"

    def _totals(self) -> Table:
        first, *others = self.comparison.codecs
        columns = [Column("Figure"), Column("Unit", spare=2), Column("A", right=True)]
        for i, _ in enumerate(others, start=1):
            columns.append(Column(letter(i), right=True))
            columns.append(Column(f"{letter(i)} - A", right=True))
            columns.append(Column("%", right=True, spare=1))
        rows = []
        differences = self.comparison.differences
        known = dict.fromkeys(each.quantity for one in differences for each in one.changes)
        for quantity in known:
            before = _figure(first.values[quantity.key])
            row = [quantity.title, quantity.unit or first.unit, before]
            for change in (each.change(quantity) for each in differences):
                row += [_figure(change.after), _signed(change.absolute), _percent(change)]
            rows.append(row)
        return Table(columns, rows)


def letter(index: int) -> str:
    """Return the letter of a codec, or a number where there are more codecs than letters."""
    return LETTERS[index] if index < len(LETTERS) else str(index + 1)


def _layers(difference: Difference, name: str) -> PageSection:
    """Return the layers in which one codec differs from the first."""
    differing = difference.differing
    shown = [pair for pair in differing if _matters(pair)]
    equal = len(difference.pairs) - len(differing)
    notes = [f"{equal} layers are the same in {name} and A"]
    if len(shown) < len(differing):
        notes.append(
            f"{len(differing) - len(shown)} more differ in nothing that costs: in their rate, or "
            "as operations that neither compute, store nor delay"
        )
    if not shown:
        return [Heading(f"{name} beside A"), Bullets(["no layer that costs differs", *notes])]
    columns = (
        Column("Layer"),
        Column("Shape", spare=2),
        Column("Stored", spare=3),
        Column(f"{difference.before.unit} in A", right=True, spare=1),
        Column(f"in {name}", right=True),
        Column("Change", right=True),
        Column("Delay ms"),
    )
    rows = [_layer_row(pair) for pair in shown]
    return [Heading(f"{name} beside A"), Table(columns, rows, is_list=True), Bullets(notes)]


def _matters(pair: Pair) -> bool:
    """Return whether a layer differs in its cost, its memory or its delay."""
    if pair.before is not None and pair.after is not None:
        return not pair.changes.keys().isdisjoint(COSTS)
    (alone,) = (each for each in pair if each is not None)
    return any(getattr(alone, name) != 0 for name in COSTS)


def _layer_row(pair: Pair) -> list[str]:
    before, after = _mflops(pair)
    return [
        layer_name(pair),
        " -> ".join(dict.fromkeys(_shape(each) for each in pair if each is not None)),
        _number_beside(pair, "stored_values"),
        "" if before is None else number(before),
        "" if after is None else number(after),
        _signed(_cost_change(pair)),
        _number_beside(pair, "delay_ms"),
    ]


def _number_beside(pair: Pair, field: str) -> str:
    """Return a number of the layer in both codecs; empty where it is 0 wherever the layer is."""
    values = [getattr(layer, field) for layer in pair if layer is not None]
    if all(value == 0 for value in values):
        return ""
    return " -> ".join(dict.fromkeys(map(_figure, values)))


def _shape(layer: Layer) -> str:
    """Return the channels, then kernel, stride, dilation and groups where they are not 1."""
    if layer.op == "search":
        return f"{number(layer.channels_out)} x {number(layer.channels_in)}"
    marks = {"k": layer.kernel, "s": layer.stride, "d": layer.dilation, "g": layer.groups}
    words = [f"{mark}{number(value)}" for mark, value in marks.items() if value != 1]
    return " ".join([f"{number(layer.channels_in)}>{number(layer.channels_out)}", *words])


def layer_name(pair: Pair) -> str:
    """Return the name of the layer, and before it the name it has in the other codec."""
    names = [each.name for each in pair if each is not None]
    return " -> ".join(dict.fromkeys(names))


def layer_change(pair: Pair) -> str:
    """Return what was done to a layer, in words: added, removed, or each number that differs."""
    if pair.before is None:
        return "added"
    if pair.after is None:
        return "removed"
    return ", ".join(
        f"{name} {_figure(before)} -> {_figure(after)}"
        for name, (before, after) in pair.changes.items()
        if name != "mflops"
    )


def _mflops(pair: Pair) -> tuple[float | None, float | None]:
    before, after = (None if each is None else each.mflops for each in pair)
    return before, after


def _cost_change(pair: Pair) -> float:
    before, after = _mflops(pair)
    return (after or 0) - (before or 0)


def _difference_data(difference: Difference) -> dict[str, Any]:
    differing = difference.differing
    return {
        "source": difference.after.source,
        "figures": {
            change.quantity.key: {
                "before": change.before,
                "after": change.after,
                "absolute": change.absolute,
                "relative": change.relative,
            }
            for change in difference.changes
        },
        "equal_layers": len(difference.pairs) - len(differing),
        "layers": [_layer_data(pair) for pair in differing],
    }


def _layer_data(pair: Pair) -> dict[str, Any]:
    before, after = pair
    one = after or before
    assert one is not None
    return {
        "change": "changed" if before and after else "added" if after else "removed",
        "side": one.side,
        "stage": one.stage,
        "op": one.op,
        "name_before": before and before.name,
        "name_after": after and after.name,
        "mflops_before": before and before.mflops,
        "mflops_after": after and after.mflops,
        "fields": {name: list(values) for name, values in pair.changes.items()},
    }


def _records(difference: Difference) -> Iterator[dict[str, Any]]:
    for change in difference.changes:
        yield {
            "what": "figure",
            "name": change.quantity.key,
            "unit": change.quantity.unit or difference.before.unit,
            "before": change.before,
            "after": change.after,
            "absolute": change.absolute,
            "relative": change.relative,
            "change": "",
        }
    for pair in difference.differing:
        before, after = _mflops(pair)
        absolute = _cost_change(pair)
        yield {
            "what": "layer",
            "name": layer_name(pair),
            "unit": difference.before.unit,
            "before": before,
            "after": after,
            "absolute": absolute,
            "relative": absolute / before if before else None,
            "change": layer_change(pair),
        }


def _figure(value: float | None) -> str:
    return UNKNOWN if value is None else number(value)


def _signed(value: float | None) -> str:
    return UNKNOWN if value is None else signed(value)


def _percent(change: Change) -> str:
    return f"{100 * change.relative:+.1f}" if change.relative else ""
