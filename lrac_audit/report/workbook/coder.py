"""The pages Encoder and Decoder: one row for each operation of the ledger, and one for each block.

A row's values come from the ledger; beside them stand the formulas by which a spreadsheet program
comes to the same from the inputs. Channels and step follow from the layer before. The rows of a
block's layers fold up under the row that sums them up.
"""

from __future__ import annotations

from typing import Literal

from lrac_audit.design.bounds import MAX_SIZE
from lrac_audit.design.path import signal_path
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.row import Row
from lrac_audit.report.workbook.block_rows import put_blocks
from lrac_audit.report.workbook.coder_formulas import formulas
from lrac_audit.report.workbook.coder_values import input_value, row_values
from lrac_audit.report.workbook.figures import Figures, required
from lrac_audit.report.workbook.inputs import put_input
from lrac_audit.report.workbook.page import Page, Rule, Value
from lrac_audit.report.workbook.placed_steps import PlacedStep, Placement, placement
from lrac_audit.report.workbook.styles import DECODER_COLOUR, ENCODER_COLOUR

Coder = Literal["encoder", "decoder"]

STYLES = {
    "name": "text",
    "op": "text",
    "step": "quiet",
    "rate": "decimals",
    "mmacs": "cost",
    "mflops": "cost",
    "delay_ms": "time",
    "check": "indent",
}
_NARROW, _WIDE = 9.5, 12
_WIDTHS = {"name": 35, "op": 15, "macs": _WIDE, "cost": _WIDE, "mflops": _WIDE, "check": 24}
_SUMS = ("macs", "mmacs", "cost", "mflops", "parameters", "past", "delay", "delay_ms")
_STORED = ("state", "held", "live")
_SIZE = Rule(low=1, high=MAX_SIZE, hint="A whole number from 1.")
_RULES = {
    "causal": Rule(choices=(layout.YES, layout.NO), hint="no centres the kernel: look-ahead."),
    "trim": Rule(
        low=0, high=MAX_SIZE, hint="Samples cut at the start: look-ahead. Up to kernel - stride."
    ),
}


def coder_page(figures: Figures, coder: Coder) -> Page:
    """Return the page of one side's network."""
    name, colour = (
        (layout.ENCODER, ENCODER_COLOUR) if coder == "encoder" else (layout.DECODER, DECODER_COLOUR)
    )
    page = Page(name, colour=colour, header_row=layout.HEADER_ROW, frozen_columns=1, large=True)
    placed_all = placement(getattr(signal_path(figures.design), coder))
    rows = [row for row in figures.ledger.rows if row.stage == coder]
    _headings(page, figures, placed_all.last)
    _totals(page, figures, rows, placed_all)
    context: int | None = 0
    for placed, row in zip(placed_all.steps, rows, strict=True):
        past = row.past_samples
        context = (
            None
            if context is None or past is None
            else context + past + required(row.delay_samples)
        )
        values = row_values(placed, row, figures.ledger, figures.convention)
        values["context"] = "unbounded" if context is None else context
        values["live"] = figures.live_values(row)
        _put_row(page, placed, row, values)
    put_blocks(page, placed_all.blocks)
    _names(page, coder, rows, placed_all.last)
    return page


def _headings(page: Page, figures: Figures, last: int) -> None:
    page.put("A1", f"{page.name}: one row per layer", "title")
    note = (
        "Yellow cells are inputs; the rest follows, row by row along the signal path. "
        "Look-ahead is future context; past context costs no delay. Layers fold up under a block."
    )
    page.put("A2", note, "lead")
    page.heights[layout.HEADER_ROW] = 42
    for key, column in layout.COLUMNS.items():
        page.widths[column.letter] = _WIDTHS.get(key, _NARROW)
        cell = f"{column.letter}{layout.HEADER_ROW}"
        left = {"name": "header", "op": "header", "check": "header indent"}
        style = left.get(key, "header right")
        if column.header:
            page.put(cell, column.header, style)
        else:
            page.calculate(cell, "=cost_unit", figures.convention.unit, style)
    end = layout.COLUMNS["check"].letter
    page.filtered = f"A{layout.HEADER_ROW}:{end}{last}"
    page.marked.append(f"{end}{layout.FIRST_ROW}:{end}{last}")


def _totals(page: Page, figures: Figures, rows: list[Row], placed: Placement) -> None:
    """Write the sums, and the most live values, above the header, so that they stay in view."""
    row = layout.HEADER_ROW - 1
    page.put(f"A{row}", "Total", "bold")
    totals: dict[str, Value] = {}
    ledger, price = figures.ledger, figures.convention.price
    macs = sum(r.macs_per_frame for r in rows)
    cost = sum(price(r.work) for r in rows)
    delay = sum(required(r.delay_samples) for r in rows)
    totals["macs"], totals["cost"] = macs, cost
    totals["mmacs"] = ledger.millions_per_second(macs)
    totals["mflops"] = ledger.millions_per_second(cost)
    totals["parameters"] = sum(r.stored_values for r in rows)
    totals["past"] = sum(r.past_samples or 0 for r in rows)
    totals["delay"], totals["delay_ms"] = delay, ledger.milliseconds(delay)
    totals["state"] = sum(required(r.state_values) for r in rows)
    totals["held"] = sum(required(r.held_values) for r in rows)
    totals["live"] = max(figures.live_values(row) for row in rows)
    for key in (*_SUMS, *_STORED):
        column = layout.COLUMNS[key].letter
        function = "MAX" if key == "live" else "SUM"
        cells = ",".join(f"{column}{top}" for top in placed.top_rows)
        formula = f"={function}({cells})"
        if key in ("mmacs", "mflops"):
            source = layout.COLUMNS["macs" if key == "mmacs" else "cost"].letter
            formula = f"={source}{row}*sample_rate_hz/(hop_samples*1000000)"
        elif key == "delay_ms":
            formula = f"={layout.COLUMNS['delay'].letter}{row}*1000/sample_rate_hz"
        page.calculate(f"{column}{row}", formula, totals[key], f"{STYLES.get(key, 'quiet')} bold")


def _put_row(page: Page, placed: PlacedStep, row: Row, values: dict[str, Value]) -> None:
    inputs, calculated = placed.inputs, formulas(placed)
    faint = "" if row.macs_per_frame else " faint"
    for key, column in layout.COLUMNS.items():
        cell = f"{column.letter}{placed.row}"
        if key in inputs:
            value = input_value(placed, key)
            style = "typed right" if key == "causal" else "whole"
            put_input(page, cell, value, _RULES.get(key, _SIZE), style)
        elif key in calculated:
            page.calculate(cell, calculated[key], values[key], STYLES.get(key, "quiet") + faint)
        elif key in ("name", "op"):
            page.put(cell, values[key], "text" + faint)


def _names(page: Page, coder: Coder, rows: list[Row], last: int) -> None:
    totals = layout.HEADER_ROW - 1
    first = layout.FIRST_ROW
    for key in ("macs", "cost", "parameters", "past", "delay", "state", "held", "live"):
        page.name_cell(f"{coder}_{key}", f"{layout.COLUMNS[key].letter}{totals}")
    page.name_cell(f"{coder}_context", f"{layout.COLUMNS['context'].letter}{last}")
    page.name_cell(f"{coder}_channels", f"{layout.COLUMNS['channels'].letter}{last}")
    stride, check = layout.COLUMNS["stride"].letter, layout.COLUMNS["check"].letter
    # Cells of their own for what is used elsewhere: the hop and the refusals of this page.
    page.put(f"D{totals}", "Hop", "faint right")
    hop = 1
    for row in rows:
        hop *= row.geometry.stride
    page.calculate(f"F{totals}", f"=PRODUCT({stride}{first}:{stride}{last})", hop, "whole bold")
    page.name_cell(f"{coder}_hop", f"F{totals}")
    checks = f"{check}{first}:{check}{last}"
    refusals = f'=SUMPRODUCT(--({checks}<>"ok"),--({checks}<>""))'
    page.calculate(f"{check}{totals}", refusals, 0, "quiet bold")
    page.name_cell(f"{coder}_refusals", f"{check}{totals}")
