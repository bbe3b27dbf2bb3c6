"""The tables of public codecs beside the limits: costs, and verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from lrac_audit.auditing.codec_figures import CodecFigures, codec_figures
from lrac_audit.console.layout import Column, Table
from lrac_audit.report.numerals import NO_BOUND, number

if TYPE_CHECKING:
    from lrac_audit.auditing.public_codecs import Compared, Comparison
    from lrac_audit.limits.limit_set import LimitSet

SKIPPED = "skipped"
"""Stands in the row of a codec that is left out; a note says why."""
UNLIKE = " !"
"""Stands behind a figure of a trace that is not the design's, for no reason that is known."""
COLUMNS = (
    Column("Codec"),
    Column("By"),
    Column("kbps", right=True, spare=3),
    Column("Transmit", right=True),
    Column("Receive", right=True),
    Column("Overall", right=True),
    Column("MMAC/s", right=True, spare=2),
    Column("Stored, M", right=True, spare=1),
    Column("Latency ms", right=True),
)
_SOURCE = 1
"""The place of the column that says what a row's figures come from."""


def cost_table(comparison: Comparison) -> Table:
    """Return a table: sides and whole in the convention's unit, MACs, storage and latency.

    Where models were measured, each codec has a row for its design and one for its trace.
    """
    rows = [row for codec in comparison.codecs for row in _cost_rows(codec, comparison)]
    rows += [_skipped_row(name, "") for name in without_figures(comparison)]
    rows += [_limit_row(one) for one in comparison.limits]
    if comparison.measured:
        return Table(COLUMNS, rows)
    columns = [*COLUMNS[:_SOURCE], *COLUMNS[_SOURCE + 1 :]]
    return Table(columns, [[*row[:_SOURCE], *row[_SOURCE + 1 :]] for row in rows])


def without_figures(comparison: Comparison) -> list[str]:
    """Return the names of the codecs that have neither a design nor a trace."""
    known = {codec.name for codec in comparison.codecs}
    return [one.name for one in comparison.missing if one.name not in known]


def _cost_rows(codec: Compared, comparison: Comparison) -> Iterator[list[str]]:
    if codec.design is not None:
        yield [codec.name, "design", *_cells(codec_figures(codec.design))]
    if codec.trace is not None:
        unlike = {one.figure for one in codec.unexplained}
        yield [codec.name, "trace", *_cells(codec_figures(codec.trace), unlike)]
    elif codec.name in {one.name for one in comparison.missing}:
        yield _skipped_row(codec.name, "trace")


def _cells(figures: CodecFigures, unlike: Collection[str] = ()) -> list[str]:
    """Return the cells of ``figures``, marked where they show one of the fields in ``unlike``."""
    stored = figures.transmit_stored_values, figures.receive_stored_values
    latency_ms = figures.total_latency_ms
    cells = (
        (number(figures.bitrate_kbps, 2), ["bitrate_kbps"]),
        (number(figures.transmit_mflops, 1), ["transmit_mflops"]),
        (number(figures.receive_mflops, 1), ["receive_mflops"]),
        (number(figures.overall_mflops, 1), ["overall_mflops"]),
        (number(figures.overall_mmacs_per_s, 1), ["overall_mmacs_per_s"]),
        (number(sum(stored) / 1e6, 2), ["transmit_stored_values", "receive_stored_values"]),
        (NO_BOUND if latency_ms is None else number(latency_ms, 1), ["total_latency_ms"]),
    )
    return [text if set(fields).isdisjoint(unlike) else text + UNLIKE for text, fields in cells]


def _skipped_row(name: str, source: str) -> list[str]:
    cells = [name, source, SKIPPED]
    return [*cells, *[""] * (len(COLUMNS) - len(cells))]


def _limit_row(limits: LimitSet) -> list[str]:
    overall, receive = number(limits.overall_mflops), number(limits.receive_mflops)
    bitrate = number(max(limits.bitrates_kbps))
    cells = [f"limit {limits.name}", "", bitrate, "", receive, overall, "", ""]
    return [*cells, number(limits.total_latency_ms)]


def verdict_table(comparison: Comparison) -> Table:
    """Return a table: the verdict of each limit set on each codec."""
    columns = (Column("Verdict"), *(Column(one.name, is_status=True) for one in comparison.limits))
    rows: list[Sequence[str]] = [
        [codec.name, *(status for _, status in codec.verdicts)] for codec in comparison.codecs
    ]
    skipped = [SKIPPED] * len(comparison.limits)
    rows += [[name, *skipped] for name in without_figures(comparison)]
    return Table(columns, rows)
