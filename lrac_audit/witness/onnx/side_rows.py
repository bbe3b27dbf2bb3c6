"""Rows for what concerns a whole side: delay, past context, and what is missing or unclear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lrac_audit.ledger.row import Row, Side
from lrac_audit.witness.context_rows import NOT_MEASURED, PAST, context_row
from lrac_audit.witness.onnx.graph_delay import GraphReach
from lrac_audit.witness.onnx.sides import SideGraph

DECLARED = "(declared)"
Delays = Mapping[Side, int | None]
"""The look-ahead of each side in audio samples; None where it is not known."""


def side_rows(
    sides: Sequence[SideGraph], delays: Delays, reaches: Mapping[Side, GraphReach]
) -> Iterator[Row]:
    """Yield the rows of the sides besides those of their nodes."""
    present = {each.side for each in sides}
    if "undivided" not in present:
        for side in ("transmit", "receive"):
            if side not in present:
                yield _unknown("(missing)", side, f"there is no graph of the {side} side")
    for each in sides:
        yield from _unclear(each)
        delay, past = delays[each.side], reaches[each.side].past
        if delay != 0:
            name = NOT_MEASURED if delay is None else DECLARED
            yield _stateless(context_row(name, each.side, delay_samples=delay))
        if each.side != "undivided":
            yield _stateless(context_row(PAST, each.side, past_samples=_before(each, past, delay)))


def _before(side: SideGraph, past: int | None, delay: int | None) -> int | None:
    """Return the past context in audio samples: what is seen before a call, less the look-ahead.

    A result that looks ahead comes out so much later, and sees so much less of the past.
    """
    if past is None or delay is None:
        return None
    in_samples = past * side.hop_samples if side.side == "receive" else past
    return max(in_samples - delay, 0)


def _unclear(side: SideGraph) -> Iterator[Row]:
    """Yield a row that is uncounted for each input or output without a known role."""
    for name in side.ports.unknown_inputs:
        problem = "an input that is neither audio, codes, a state that an output renews nor a mode"
        yield _unknown(name, side.side, problem)
    if side.side == "transmit":
        for name in side.ports.unknown_outputs:
            problem = "an output that is neither codes nor a state: it may go over the wire"
            yield _unknown(name, side.side, problem)


def _unknown(name: str, side: Side, problem: str) -> Row:
    row = context_row(name, side, delay_samples=0 if name != "(missing)" else None)
    return _stateless(row)._replace(op="port", problem=problem)


def _stateless(row: Row) -> Row:
    return row._replace(state_values=0, held_values=0)
