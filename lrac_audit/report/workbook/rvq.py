"""The page RVQ: one row for each operation that every layer of the quantizer repeats."""

from __future__ import annotations

from collections.abc import Mapping

from lrac_audit.design.sheet import layout
from lrac_audit.ledger.row import Kind, Row
from lrac_audit.report.workbook.figures import Figures
from lrac_audit.report.workbook.page import Page
from lrac_audit.report.workbook.rvq_operations import RvqOperation, operations_of, rows_of
from lrac_audit.report.workbook.styles import RVQ_COLOUR

HEADERS = {
    "A": "Operation of one layer",
    "B": "Side",
    "C": "Channels in",
    "D": "Channels out",
    "E": "Layers on",
    "F": "MACs per frame, one layer",
    "G": "Cost per frame, one layer, absorbed",
    "H": "Cost per frame, one layer, projected",
    "I": "MACs per frame",
    "J": "MMAC/s",
    "K": "Cost per frame",
    "M": "Stored by one layer, absorbed, values",
    "N": "Stored by one layer, projected, values",
    "O": "Stored, values",
    "P": "What it is",
}


def rvq_page(figures: Figures) -> Page:
    """Return the page RVQ."""
    page = Page(
        layout.RVQ, colour=RVQ_COLOUR, header_row=layout.HEADER_ROW, frozen_columns=1, large=True
    )
    page.put("A1", "RVQ: every layer of the quantizer does this", "title")
    note = "Form, mode and sizes are chosen on Inputs. With D the latent's width, d that of a "
    page.put(
        "A2", f"{note}codeword and K codewords, a projection takes D d and a search K d.", "lead"
    )
    page.heights[layout.HEADER_ROW] = 56
    page.widths = {"A": 24, "B": 10, "C:E": 10, "F:H": 14, "I:K": 13, "L": 13, "M:O": 14, "P": 72}
    for column, text in HEADERS.items():
        style = "header indent" if column == "P" else "header" if column in "AB" else "header right"
        page.put(f"{column}{layout.HEADER_ROW}", text, style)
    unit = f"L{layout.HEADER_ROW}"
    page.calculate(unit, "=cost_unit", figures.convention.unit, "header right")
    for at, operation in enumerate(operations_of(figures), layout.FIRST_ROW):
        _operation(page, figures, at, operation)
    _names(page, figures)
    return page


def _operation(page: Page, figures: Figures, at: int, operation: RvqOperation) -> None:
    design, price = figures.design, figures.convention.price
    page.put(f"A{at}", operation.key.replace("_", " "))
    page.put(f"B{at}", operation.side)
    rows = {form: rows_of(figures, operation, form) for form in ("absorbed", "projected")}
    shown = rows[figures.form]
    width = design.latent_dim if figures.form == "absorbed" else design.codebook_dim
    sizes = {"latent": design.latent_dim, "codeword": design.codebook_dim, "1": 1}
    sizes |= {"codewords": figures.codebook_size}
    page.calculate(f"C{at}", f"={operation.channels_in}", sizes[operation.channels_in], "whole")
    out = sizes.get(operation.channels_out, width)
    page.calculate(f"D{at}", f"={operation.channels_out}", out, "whole")
    on = figures.layers_on - operation.not_first
    page.calculate(f"E{at}", "=layers_on-1" if operation.not_first else "=layers_on", on, "quiet")
    gate = '*(rvq_form="projected")' if operation.projected_only else ""
    macs = shown[0].macs_per_frame if shown else 0
    page.calculate(f"F{at}", f"=({operation.macs}){gate}", macs, "quiet")
    cost = f"{operation.macs}*{operation.mac_price}+{operation.other_cost}"
    costs = [_first(price, rows[form]) for form in rows]
    if operation.not_first:
        costs = [_one_add(figures)] * 2
    _both(page, at, "G", operation, cost, costs)
    _selected(page, figures, at, macs * on, _first(price, shown) * on)
    absorbed, projected = ([row.stored_values for row in rows[form]][:1] or [0] for form in rows)
    stored = {"M": (operation.stored[0], absorbed[0]), "N": (operation.stored[1], projected[0])}
    for column, (formula, value) in stored.items():
        page.calculate(f"{column}{at}", f"={formula}", value, "quiet")
    total = sum(row.stored_values for row in shown)
    page.calculate(f"O{at}", f'=IF(rvq_form="absorbed",M{at},N{at})*rvq_layers', total, "quiet")
    page.put(f"P{at}", operation.note, "faint indent")


def _first(price: object, rows: list[Row]) -> int:
    """Return the cost of one layer per frame, 0 where it does without the operation."""
    assert callable(price)
    return int(price(rows[0].work)) if rows else 0


def _one_add(figures: Figures) -> int:
    """Return the cost of adding one layer's output to the sum, even where there is one layer."""
    return figures.convention.price({Kind.RESIDUAL_ADD: figures.design.latent_dim})


def _both(
    page: Page, at: int, first: str, operation: RvqOperation, cost: str, values: list[int]
) -> None:
    absorbed = "0" if operation.projected_only else cost
    page.calculate(f"{first}{at}", f"={absorbed}", values[0], "quiet")
    page.calculate(f"{chr(ord(first) + 1)}{at}", f"={cost}", values[1], "quiet")


def _selected(page: Page, figures: Figures, at: int, macs: int, cost: int) -> None:
    ledger = figures.ledger
    page.calculate(f"I{at}", f"=F{at}*E{at}", macs, "quiet")
    rate = "*sample_rate_hz/(hop_samples*1000000)"
    page.calculate(f"J{at}", f"=I{at}{rate}", ledger.millions_per_second(macs), "cost")
    page.calculate(f"K{at}", f'=IF(rvq_form="absorbed",G{at},H{at})*E{at}', cost, "quiet")
    page.calculate(f"L{at}", f"=K{at}{rate}", ledger.millions_per_second(cost), "cost")


def _names(page: Page, figures: Figures) -> None:
    """Name what the other pages use: the cost of one layer by side and form, and its storage."""
    numbered = list(enumerate(operations_of(figures), layout.FIRST_ROW))
    sent = [at for at, one in numbered if one.side == "transmit"]
    received = [at for at, one in numbered if one.side == "receive" and not one.not_first]
    spans: Mapping[str, list[int]] = {"transmit": sent, "receive": received}
    for side, rows in spans.items():
        for form, column in (("absorbed", "G"), ("projected", "H")):
            page.name_cell(f"rvq_{side}_{form}", f"{column}{rows[0]}:{column}{rows[-1]}")
    last = layout.FIRST_ROW + len(numbered) - 1
    page.name_cell("rvq_sum", f"G{last}")
    page.put(f"A{layout.HEADER_ROW - 1}", "Total, both sides", "bold")
    ledger, mode = figures.ledger, figures.ledger.mode
    stage = [row for row in ledger.rows if row.stage == "rvq"]
    macs = sum(row.macs_per_frame for row in stage)
    cost = sum(figures.convention.price(row.work) for row in stage)
    values: dict[str, tuple[float, str]] = {
        "I": (macs, "quiet bold"),
        "J": (ledger.millions_per_second(macs), "cost bold"),
        "K": (cost, "quiet bold"),
        "L": (ledger.millions_per_second(cost), "cost bold"),
        "O": (sum(row.stored_values for row in stage), "quiet bold"),
    }
    assert mode.rvq == figures.form
    for column, (value, style) in values.items():
        formula = f"=SUM({column}{layout.FIRST_ROW}:{column}{last})"
        page.calculate(f"{column}{layout.HEADER_ROW - 1}", formula, value, style)
    page.name_cell("rvq_stored", f"O{layout.HEADER_ROW - 1}")
