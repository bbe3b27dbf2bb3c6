"""The rows of blocks on the pages Encoder and Decoder: the sums over the layers below each."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.design.sheet import layout
from lrac_audit.report.workbook.page import Cell, Page, Value, row_and_column
from lrac_audit.report.workbook.placed_steps import PlacedBlock

SUMS = ("macs", "cost", "parameters", "past", "delay", "state", "held")
_STYLES = {"mmacs": "cost", "mflops": "cost", "delay_ms": "time"}


def put_blocks(page: Page, blocks: Sequence[PlacedBlock]) -> None:
    """Write the row of each block above its layers, which are written already, and group them."""
    for block in blocks:
        for column in layout.COLUMNS.values():
            page.put(f"{column.letter}{block.row}", None, "block")
        page.put(f"{_letter('name')}{block.row}", block.step.path, "block")
        page.put(f"{_letter('op')}{block.row}", layout.BLOCK, "block")
        for key, (formula, value) in _figures(page, block).items():
            style = f"{_STYLES.get(key, 'quiet')} block"
            page.calculate(f"{_letter(key)}{block.row}", formula, value, style)
        page.groups.append((block.first, block.last))


def _figures(page: Page, block: PlacedBlock) -> dict[str, tuple[str, Value]]:
    """Return the formula and the value of each column."""
    channels_in, channels, live = map(_letter, ("channels_in", "channels", "live"))
    found: dict[str, tuple[str, Value]] = {
        "channels_in": (f"={channels_in}{block.first}", _value(page, channels_in, block.first)),
        "channels": (f"={channels}{block.last}", _value(page, channels, block.last)),
    }
    for key in SUMS:
        cells = f"{_letter(key)}{block.first}:{_letter(key)}{block.last}"
        found[key] = (f"=SUM({cells})", sum(_numbers(page, key, block)))
    for key, source in (("mmacs", "macs"), ("mflops", "cost")):
        formula = f"={_letter(source)}{block.row}*sample_rate_hz/(hop_samples*1000000)"
        found[key] = (formula, sum(_numbers(page, key, block)))
    delay_ms = sum(_numbers(page, "delay_ms", block))
    found["delay_ms"] = (f"={_letter('delay')}{block.row}*1000/sample_rate_hz", delay_ms)
    most = max(_numbers(page, "live", block), default=0)
    found["live"] = (f"=MAX({live}{block.first}:{live}{block.last})", most)
    return found


def _numbers(page: Page, key: str, block: PlacedBlock) -> list[float]:
    values = (_value(page, _letter(key), row) for row in range(block.first, block.last + 1))
    return [value for value in values if isinstance(value, int | float)]


def _value(page: Page, column: str, row: int) -> Value:
    cell: Cell | None = page.cells.get(row_and_column(f"{column}{row}"))
    return None if cell is None else cell.value


def _letter(key: str) -> str:
    return layout.COLUMNS[key].letter
