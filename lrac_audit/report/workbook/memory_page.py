"""The page Memory: stored values and state of each side, in both forms of the quantizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrac_audit.design.sheet import layout
from lrac_audit.ledger.memory import BYTES_PER_VALUE, STATE_DTYPE, Memory, memory
from lrac_audit.ledger.row import RVQ_FORMS, RvqForm, Side, Storage
from lrac_audit.ledger.scratch import Scratch, scratch
from lrac_audit.report.workbook.figures import Figures, required
from lrac_audit.report.workbook.page import Page
from lrac_audit.report.workbook.rvq_operations import RvqOperation, operations_of

FIRST_ROW = layout.FIRST_ROW
_NOTES = {
    "Layer weights": "weights and biases, with weight norm folded in",
    "Input projections": "of the quantizer",
    "Output projections": "absorbed: folded into the tables",
    "Codebooks": "for the search; the receiver needs them only in the projected form",
    "Absorbed tables": "K x D values per layer: each codeword's output projection",
    "Streaming state": "left context of every layer, look-ahead included",
    "Held by skip paths": "a skip waits while the branch beside it looks ahead",
    "Scratch of the layers": "the most values that live at once in a frame, which share buffers",
    "Scratch of the quantizer": "likewise; its operations run before or after all layers",
    "Scratch, peak": "the larger of the two",
}
_RVQ_LIVE: Mapping[tuple[Side, RvqForm], str] = {
    # What is left over, an entry of a table or a projected codeword, and the indices.
    ("transmit", "absorbed"): "layers_on+latent+MAX(latent,codeword)",
    ("transmit", "projected"): "layers_on+2*latent+projections*codeword",
    # The sum so far, the next entry, and the indices until the last of them is looked up.
    ("receive", "absorbed"): "layers_on+latent*IF(layers_on>1,2,1)",
    ("receive", "projected"): (
        "IF(projections=0,layers_on+latent*IF(layers_on>1,2,1),codeword+latent"
        "+IF(layers_on>2,latent+layers_on,IF(layers_on>1,MAX(latent,layers_on),0)))"
    ),
}
"""The most values that live in the quantizer of a side, as a formula."""


class Place(NamedTuple):
    """One column of the page: a side and a form."""

    column: str
    side: Side
    form: RvqForm


_SIDES: tuple[Side, ...] = ("transmit", "receive")
PLACES = tuple(
    Place("BCDE"[2 * i + j], side, form)
    for i, form in enumerate(RVQ_FORMS)
    for j, side in enumerate(_SIDES)
)


def memory_page(figures: Figures) -> Page:
    """Return the page Memory."""
    page = Page(layout.MEMORY, colour="#52606D", header_row=layout.HEADER_ROW)
    page.put("A1", "Memory: what each side stores", "title")
    page.put("A2", "RVQ layers that a mode leaves off are stored all the same.", "lead")
    page.widths = {"A": 28, "B:E": 17, "F": 10, "G": 62}
    page.put(f"A{layout.HEADER_ROW}", "Memory", "header")
    for place in PLACES:
        text = f"{place.side.capitalize()}, {place.form}"
        page.put(f"{place.column}{layout.HEADER_ROW}", text, "header right")
    page.put(f"F{layout.HEADER_ROW}", "Unit", "header indent")
    page.put(f"G{layout.HEADER_ROW}", "What it is", "header")
    for place in PLACES:
        ledger = figures.counted(place.form, figures.layers_on).ledger
        found = memory(ledger, place.side), scratch(ledger)[place.side]
        _column(page, place, *found, _rvq_formulas(place, operations_of(figures)))
    _labels(page)
    return page


def _column(
    page: Page,
    place: Place,
    found: Memory,
    working: Scratch,
    rvq_formulas: Mapping[Storage, str],
) -> None:
    column, coder = place.column, "encoder" if place.side == "transmit" else "decoder"
    stored = found.stored_values
    lines: list[tuple[str, int, str]] = [
        (f"={coder}_parameters", stored["weights"], "quiet"),
        *((formula, stored[storage], "quiet") for storage, formula in rvq_formulas.items()),
        (
            f"=SUM({column}{FIRST_ROW}:{column}{FIRST_ROW + 4})",
            found.total_stored_values,
            "quiet sum",
        ),
    ]
    total = f"{column}{FIRST_ROW + 5}"
    for dtype, size in BYTES_PER_VALUE.items():
        lines.append((f"={total}*{size}", found.stored_bytes(dtype), "quiet"))
    size = BYTES_PER_VALUE[STATE_DTYPE]
    state, held, kept, network, quantizer, peak = (
        f"{column}{FIRST_ROW + len(lines) + i}" for i in range(6)
    )
    in_network, in_quantizer = _live_parts(working)
    kept_bytes = required(found.state_bytes) + required(found.held_bytes)
    lines += [
        (f"={coder}_state", required(found.state_values), "quiet"),
        (f"={coder}_held", required(found.held_values), "quiet"),
        (f"=({state}+{held})*{size}", kept_bytes, "quiet"),
        (f"={coder}_live", in_network, "quiet"),
        (f"={_RVQ_LIVE[place.side, place.form]}", in_quantizer, "quiet"),
        (f"=MAX({network},{quantizer})", working.peak_values, "quiet"),
        (f"={kept}+{peak}*{size}", kept_bytes + working.peak_bytes(STATE_DTYPE), "quiet"),
    ]
    for row, (formula, value, style) in enumerate(lines, FIRST_ROW):
        page.calculate(f"{column}{row}", formula, value, style)


def _live_parts(working: Scratch) -> tuple[int, int]:
    """Return the most values that live in the layers of a side, and in its quantizer."""
    parts: list[list[int]] = [[], []]
    for name, values in working.live_values.items():
        parts[name.startswith("quantizer.")].append(values)
    return max(parts[0], default=0), max(parts[1])


def _rvq_formulas(place: Place, operations: Sequence[RvqOperation]) -> Mapping[Storage, str]:
    """Return the formulas of what the quantizer's layers store, in the order of the page.

    The search reads codebooks, and so does the receiver's lookup where nothing is absorbed.
    """
    search, lookup, project_in, project_out = (
        _stored_by(place, operations, key)
        for key in ("search", "lookup", "project_in", "project_out")
    )
    codebook, table = search, lookup
    if place.side == "receive":
        is_absorbed = place.form == "absorbed"
        codebook = f"{lookup}*(1-projections)" if is_absorbed else lookup
        table = f"{lookup}*projections" if is_absorbed else "=0"
    return {
        "projection_in": project_in,
        "projection_out": project_out,
        "codebook": codebook,
        "table": table,
    }


def _stored_by(place: Place, operations: Sequence[RvqOperation], key: str) -> str:
    """Return the formula of what the quantizer's layers store for the operation ``key``."""
    stored = "M" if place.form == "absorbed" else "N"
    cells = [
        f"{layout.RVQ}!{stored}{row}"
        for row, operation in enumerate(operations, layout.FIRST_ROW)
        if operation.side == place.side and operation.key == key
    ]
    return f"=({'+'.join(cells) or '0'})*rvq_layers"


def _labels(page: Page) -> None:
    names = list(_NOTES)
    lines = [(name, "values") for name in names[:5]]
    lines.append(("Stored", "values"))
    lines += [(f"Stored as {dtype}", "bytes") for dtype in BYTES_PER_VALUE]
    lines += [(name, "values") for name in names[5:7]]
    lines.append((f"State and held as {STATE_DTYPE}", "bytes"))
    lines += [(name, "values") for name in names[7:]]
    lines.append((f"State, held and scratch as {STATE_DTYPE}", "bytes"))
    for row, (label, unit) in enumerate(lines, FIRST_ROW):
        style = "sum" if label == "Stored" else "text"
        page.put(f"A{row}", label, style)
        page.put(f"F{row}", unit, "faint indent" if style == "text" else "faint indent sum")
        page.put(f"G{row}", _NOTES.get(label), "faint" if style == "text" else "sum")
