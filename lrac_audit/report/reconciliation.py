"""Report what explains a published figure, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from lrac_audit.auditing.document import SCHEMA_VERSION
from lrac_audit.auditing.printed_figure import PublishedFigure
from lrac_audit.auditing.reconcile import Edit, Reconciliation
from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.ledger.totals import Part
from lrac_audit.report.text import fixed, number

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


class Subject(NamedTuple):
    """A reconciliation and what it was about."""

    audit: Audit
    part: Part
    published: PublishedFigure
    result: Reconciliation

    def change(self, edit: Edit) -> float:
        """Return what an edit adds, in millions per second."""
        return self.audit.ledger.millions_per_second(edit.price_per_frame)


def render(subject: Subject, screen: Screen = PLAIN) -> str:
    """Return the text for a terminal or a pipe."""
    result, published = subject.result, subject.published
    unit, recomputed = subject.audit.convention.unit, float(result.recomputed)
    title = f"{subject.audit.target.source}, {subject.part.replace('_', ' ')}"
    head = f"{title}: published {published.text} {unit}, recomputed {number(recomputed)}"
    if result.agrees:
        return screen.text(f"{head}\nequal at the printed precision; nothing to explain")
    gap = recomputed - float(published.value)
    word = "less" if gap > 0 else "more"
    head += f"\npublished is {number(abs(gap))} {word}, give or take {float(published.half_unit):g}"
    parts = [screen.text(head)]
    if result.singles:
        parts.append(_singles(subject, screen))
    parts.append(screen.bullets(_counts(subject)))
    return "\n".join(parts)


def _singles(subject: Subject, screen: Screen) -> str:
    columns = (
        Column("Explained by one layer"),
        Column("Change"),
        Column(subject.audit.convention.unit, right=True),
        Column("Total then", right=True),
    )
    recomputed = float(subject.result.recomputed)
    rows = [
        [
            edit.row.name,
            str(edit),
            fixed(subject.change(edit)),
            fixed(recomputed + subject.change(edit)),
        ]
        for edit in subject.result.singles
    ]
    return screen.table(Table(columns, rows))


def _counts(subject: Subject) -> list[str]:
    result = subject.result
    found = len(result.singles)
    kernels = f"a layer left out, or its kernel from 1 to {result.largest_kernel} taps"
    lines = [
        f"{found or 'no'} explanation{'' if found == 1 else 's'} by one layer ({kernels})",
        f"{result.pair_count or 'no'} explanations by two layers, in the same range",
    ]
    if not found:
        lines += [
            "for instance "
            + " and ".join(
                f"{edit.row.name} {edit} ({fixed(subject.change(edit))})" for edit in pair
            )
            for pair in result.pairs
        ]
    return lines


def render_json(subject: Subject) -> str:
    """Return the JSON document as text."""
    result = subject.result

    def edit_tree(edit: Edit) -> dict[str, Any]:
        kernel = edit.row.geometry.kernel
        return {
            "layer": edit.row.name,
            "change": "left out" if edit.kernel == 0 else "kernel",
            "kernel": kernel,
            "kernel_then": edit.kernel,
            "mflops": subject.change(edit),
        }

    document = {
        "schema_version": SCHEMA_VERSION,
        "target": subject.audit.target.source,
        "stage": subject.part,
        "convention": subject.audit.convention.name,
        "published": subject.published.text,
        "recomputed": float(result.recomputed),
        "agrees": result.agrees,
        "single_layer": [edit_tree(edit) for edit in result.singles],
        "two_layer_count": result.pair_count,
        "largest_kernel_tried": result.largest_kernel,
    }
    return json.dumps(document, indent=2) + "\n"
