"""Hold the rows of graphs to the ledger of the design that they are to compute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lrac_audit.ledger.agreement import Finding, compared, label, macs_by, nearest
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import Ledger, Mode, Row, Side
from lrac_audit.witness.onnx.declared_delay import judge_delay, whole_delay
from lrac_audit.witness.onnx.graph_delay import GraphReach, reach_of, starts_of
from lrac_audit.witness.onnx.graph_reader import graph_of
from lrac_audit.witness.onnx.graph_rows import rows_of_all
from lrac_audit.witness.onnx.sides import side_graph
from lrac_audit.witness.stated_rates import AS_DECLARED

SIDES: tuple[Side, ...] = ("transmit", "receive")
WAITING = "calls of a fixed length also keep what waits for the rest of a stride"


def compare_exported(ledger: Ledger, contents: Iterable[bytes]) -> Iterator[Finding]:
    """Yield the figures of ``ledger`` beside those of the graphs of both sides, as files hold them.

    Nodes and states of the graphs are named by the rows of the ledger, and their metadata says how
    late their results come.

    Raises:
        InputError: one of the graphs cannot be used.
    """
    graphs = [graph_of(content, "the exported graph") for content in contents]
    sides = [side_graph(graph, AS_DECLARED) for graph in graphs]
    reaches = {each.side: reach_of(each) for each in sides}
    hop_samples = sides[0].hop_samples
    rows, unknown = tuple(rows_of_all(sides)), Mode(None, None, None)
    found = Ledger(ledger.name, ledger.sample_rate_hz, hop_samples, unknown, (), rows)
    yield from compare_design(ledger, found, reaches)
    delay = judge_delay(sides, reaches, starts_of(sides), None, ledger)
    total, late = latency(ledger).total_samples, sum(d or 0 for d in delay.by_side.values())
    if total is not None and None not in delay.by_side.values():
        yield whole_delay(total, hop_samples + late, hop_samples)


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


def _labelled(row: Row) -> str:
    return label(row.side, row.name)


def _memory(side: Side, expected: Ledger, found: Ledger) -> Iterable[Finding]:
    """Compare the state of a side, and what its skip paths hold back."""
    wanted, kept = (
        {f"{side} side": each.state_values, f"{side} skip paths": each.held_values}
        for each in (memory(expected, side), memory(found, side))
    )
    why = {
        name: WAITING
        for name, values in kept.items()
        if values is not None and values > (wanted[name] or 0)
    }
    return compared("exported graph", "side", "state_values", wanted, kept, why)


def _extent(reach: GraphReach) -> int | None:
    """Return the samples from the earliest to the latest on which a call's result depends."""
    latest, past = reach.latest.steps, reach.past
    return None if latest is None or past is None else past + int(latest.max()) + 1
