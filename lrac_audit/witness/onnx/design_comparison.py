"""Hold the rows of graphs to the ledger of the design that they say they compute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lrac_audit.ledger.agreement import Finding, compared, label, macs_by, nearest
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import Ledger, Row, Side
from lrac_audit.witness.onnx.graph_delay import GraphReach

SIDES: tuple[Side, ...] = ("transmit", "receive")


def compare_design(
    expected: Ledger, found: Ledger, reaches: Mapping[Side, GraphReach]
) -> Iterator[Finding]:
    """Yield what the ledger of a design says of each row and side, beside what its graphs do.

    A call of the graphs may be several frames of the design.
    """
    sides: list[Side] = [side for side in SIDES if side in reaches]
    frames = found.hop_samples // expected.hop_samples
    rows = [row for row in expected.rows if row.side in sides]
    names = {(row.side, row.name) for row in rows}
    wanted = {name: frames * macs for name, macs in macs_by(rows, _labelled).items()}
    counted = macs_by(found.rows, lambda row: label(row.side, nearest(row.side, row.name, names)))
    yield from compared("exported graph", "row", "macs_per_frame", wanted, counted)
    for side in sides:
        yield from _memory(side, expected, found)
    if "transmit" in sides:
        seen = {"transmit side": _extent(reaches["transmit"])}
        field = {"transmit side": context(expected).encoder_samples}
        yield from compared("exported graph", "side", "receptive_field_samples", field, seen)
    if len(sides) > 1 and frames == 1:
        delay, shown = ({"total": latency(each).total_samples} for each in (expected, found))
        yield from compared("exported graph", "codec", "delay_samples", delay, shown)


def _labelled(row: Row) -> str:
    return label(row.side, row.name)


def _memory(side: Side, expected: Ledger, found: Ledger) -> Iterable[Finding]:
    """Compare the state of a side, and what its skip paths hold back."""
    wanted, kept = (
        {f"{side} side": each.state_values, f"{side} skip paths": each.held_values}
        for each in (memory(expected, side), memory(found, side))
    )
    return compared("exported graph", "side", "state_values", wanted, kept)


def _extent(reach: GraphReach) -> int | None:
    """Return the samples from the earliest to the latest on which a call's result depends."""
    latest, past = reach.latest.steps, reach.past
    return None if latest is None or past is None else past + int(latest.max()) + 1
