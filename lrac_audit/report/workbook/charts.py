"""The page Charts: cost along the signal path, attribution of latency, and cost of each part."""

from __future__ import annotations

import re
from typing import NamedTuple

from lrac_audit.design.path import signal_path
from lrac_audit.design.sheet import layout
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Row
from lrac_audit.report.workbook.figures import Figures, required
from lrac_audit.report.workbook.page import Chart, Page, Series
from lrac_audit.report.workbook.placed_steps import PlacedStep, placement
from lrac_audit.report.workbook.rvq_operations import operations_of, rows_of
from lrac_audit.report.workbook.styles import DECODER_COLOUR, ENCODER_COLOUR, RVQ_COLOUR

DATA_ROW = 50
"""Row of the header above the data of the charts, below them."""
BUFFER_COLOUR = "#B8A33E"
_STAGES = {
    "encoder": ("B", ENCODER_COLOUR),
    "rvq": ("C", RVQ_COLOUR),
    "decoder": ("D", DECODER_COLOUR),
}


class Bar(NamedTuple):
    """One layer in the first chart."""

    label: str
    stage: str
    formula: str
    mflops: float


def charts_page(figures: Figures) -> Page:
    """Return the page Charts."""
    page = Page(layout.CHARTS, colour="#52606D")
    page.put("A1", "Charts", "title")
    page.break_before = DATA_ROW - 1
    page.put("A2", "They follow the inputs. The data behind them is below.", "lead")
    page.widths = {"A": 26, "B:D": 12, "E": 4, "F": 26, "G:K": 12}
    page.put(f"A{DATA_ROW - 1}", "Cost by layer", "heading")
    page.put(f"F{DATA_ROW - 1}", "Delay by block, ms", "heading")
    _layers(page, figures)
    _waterfall(page, figures)
    _shares(page, figures)
    return page


def short_name(row: Row) -> str:
    """Return a layer's name as a chart has room for it: ``E2 r1 c0`` is block 2, unit 1, conv 0."""
    letter = "E" if row.stage == "encoder" else "D"
    name = row.name.partition(".")[2]
    name = re.sub(r"blocks\.(\d+)\.", r"\1 ", name)
    name = re.sub(r"residual\.(\d+)\.", r"r\1 ", name)
    name = re.sub(r"convs\.(\d+)", r"c\1", name)
    return letter + ("" if name[0].isdigit() else " ") + name.replace(".", " ")


def _bars(figures: Figures) -> list[Bar]:
    """Return a bar for every layer that multiplies, in the order of the signal path."""
    bars: dict[str, list[Bar]] = {"encoder": [], "rvq": [], "decoder": []}
    cost = layout.COLUMNS["mflops"].letter
    ledger, price = figures.ledger, figures.convention.price
    for coder, name in (("encoder", layout.ENCODER), ("decoder", layout.DECODER)):
        for placed, row in _placed_rows(figures, coder):
            if row.macs_per_frame:
                value = ledger.millions_per_second(price(row.work))
                formula = f"={name}!{cost}{placed.row}"
                bars[coder].append(Bar(short_name(row), coder, formula, value))
    for at, operation in enumerate(operations_of(figures), layout.FIRST_ROW):
        if operation.mac_price != "0":
            found = rows_of(figures, operation, figures.form)
            on = figures.layers_on
            value = ledger.millions_per_second(price(found[0].work) * on) if found else 0.0
            side = "" if operation.side == "transmit" else ", receive"
            label = f"RVQ {operation.key.replace('_', ' ')}{side}"
            bars["rvq"].append(Bar(label, "rvq", f"={layout.RVQ}!L{at}", value))
    return [*bars["encoder"], *bars["rvq"], *bars["decoder"]]


def _placed_rows(figures: Figures, coder: str) -> list[tuple[PlacedStep, Row]]:
    """Return the layers of a coder, each with its row on its page and that of the ledger."""
    steps = placement(getattr(signal_path(figures.design), coder)).steps
    rows = [row for row in figures.ledger.rows if row.stage == coder]
    return list(zip(steps, rows, strict=True))


def _layers(page: Page, figures: Figures) -> None:
    page.put(f"A{DATA_ROW}", "Layer", "header")
    for stage, (column, _) in _STAGES.items():
        page.put(
            f"{column}{DATA_ROW}", stage.capitalize() if stage != "rvq" else "RVQ", "header right"
        )
    bars = _bars(figures)
    for row, bar in enumerate(bars, DATA_ROW + 1):
        page.put(f"A{row}", bar.label)
        page.calculate(f"{_STAGES[bar.stage][0]}{row}", bar.formula, bar.mflops, "cost")
    first, last = DATA_ROW + 1, DATA_ROW + len(bars)
    series = tuple(
        Series(
            "RVQ" if stage == "rvq" else stage.capitalize(),
            f"{layout.CHARTS}!$A${first}:$A${last}",
            f"{layout.CHARTS}!${column}${first}:${column}${last}",
            colour,
        )
        for stage, (column, colour) in _STAGES.items()
    )
    title = "Cost by layer"
    axis = "millions per second"
    page.charts.append(Chart(title, "column", series, "A4", (1180, 460), axis))


def _waterfall(page: Page, figures: Figures) -> None:
    """Write the delay of each block on top of the delays before it."""
    headers = ("Where", "Before, ms", "Buffering", "Transmit", "Receive", "Total")
    for column, text in zip("FGHIJK", headers, strict=True):
        page.put(f"{column}{DATA_ROW}", text, "header" if column == "F" else "header right")
    found, ms = latency(figures.ledger), figures.ledger.milliseconds
    row = DATA_ROW + 1
    page.put(f"F{row}", "buffering")
    page.calculate(
        f"H{row}", "=hop_samples*1000/sample_rate_hz", ms(found.buffering_samples), "time"
    )
    page.calculate(f"G{row}", "=0", 0, "time")
    before = found.buffering_samples
    for label, column, formula, samples in _delays(figures):
        row += 1
        page.put(f"F{row}", label)
        page.calculate(f"G{row}", f"=SUM(G{row - 1}:J{row - 1})", ms(before), "time")
        page.calculate(f"{column}{row}", formula, ms(samples), "time")
        before += samples
    row += 1
    page.put(f"F{row}", "total")
    page.calculate(f"K{row}", f"=SUM(G{row - 1}:J{row - 1})", ms(before), "time")
    first = DATA_ROW + 1
    colours = {
        "G": "",
        "H": BUFFER_COLOUR,
        "I": ENCODER_COLOUR,
        "J": DECODER_COLOUR,
        "K": "#52606D",
    }
    series = tuple(
        Series(
            text,
            f"{layout.CHARTS}!$F${first}:$F${row}",
            f"{layout.CHARTS}!${column}${first}:${column}${row}",
            colours[column],
        )
        for column, text in zip("GHIJK", headers[1:], strict=True)
    )
    page.charts.append(
        Chart("Where the latency comes from", "column", series, "A28", (660, 330), "ms")
    )


def _delays(figures: Figures) -> list[tuple[str, str, str, int]]:
    """Return label, column, formula and samples for every block of both networks."""
    found = []
    letter = layout.COLUMNS["delay"].letter
    for coder, name, column in (
        ("encoder", layout.ENCODER, "I"),
        ("decoder", layout.DECODER, "J"),
    ):
        spans: dict[str, list[tuple[PlacedStep, Row]]] = {}
        for placed, row in _placed_rows(figures, coder):
            spans.setdefault(_block(row), []).append((placed, row))
        for label, inside in spans.items():
            cells = f"{letter}{inside[0][0].row}:{letter}{inside[-1][0].row}"
            samples = sum(required(row.delay_samples) for _, row in inside)
            formula = f"=SUM({name}!{cells})*1000/sample_rate_hz"
            found.append((label, column, formula, samples))
    return found


def _block(row: Row) -> str:
    parts = row.name.split(".")
    if parts[1] == "blocks":
        return f"{parts[0]} block {parts[2]}"
    return f"{parts[0]} {parts[1].replace('_', ' ').removesuffix(' activation')}"


def _shares(page: Page, figures: Figures) -> None:
    first = DATA_ROW + 4 + len(_delays(figures)) + 2
    page.put(f"F{first - 1}", "Share per side", "heading")
    ledger = figures.ledger
    totals = figures.counted(figures.form, figures.layers_on).totals
    costs = [
        totals.cost(side, figures.convention).price_per_frame for side in ("transmit", "receive")
    ]
    for row, (side, cost) in enumerate(zip(("transmit", "receive"), costs, strict=True), first):
        page.put(f"F{row}", f"{side} side")
        formula = f'=IF(rvq_form="absorbed",summary_{side}_absorbed,summary_{side}_projected)'
        page.calculate(f"G{row}", formula, ledger.millions_per_second(cost), "cost")
    labels, values = (f"{layout.CHARTS}!${c}${first}:${c}${first + 1}" for c in "FG")
    series = Series("Share per side", labels, values, "")
    colours = (ENCODER_COLOUR, DECODER_COLOUR)
    page.charts.append(
        Chart("Share per side", "doughnut", (series,), "G28", (440, 330), colours=colours)
    )
