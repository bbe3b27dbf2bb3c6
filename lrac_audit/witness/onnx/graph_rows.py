"""The rows of a ledger from what was counted in graphs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from lrac_audit.ledger.agreement import nearest
from lrac_audit.ledger.row import Geometry, Row, Side, Stage
from lrac_audit.witness.onnx.graph_model import Weight
from lrac_audit.witness.onnx.ports import STATE_PREFIX
from lrac_audit.witness.onnx.provenance import WorkRecord
from lrac_audit.witness.onnx.sides import SideGraph
from lrac_audit.witness.onnx.work_counter import WorkCounter

RECURRENT = ("lstm", "gru", "rnn")
CODEBOOKS = ("search", "lookup")
QUANTIZER = "quantizer"
HELD = ".held"
"""Part of the name of a state that a path holds back while another waits for its look-ahead."""


def rows_of_all(sides: Sequence[SideGraph]) -> Iterator[Row]:
    """Yield the rows of the nodes of all graphs of a codec."""
    digests = {
        each.side: frozenset(weight.digest for weight in all_weights(each).values())
        for each in sides
    }
    for each in sides:
        others = [found for side, found in digests.items() if side != each.side]
        yield from rows_of(each, frozenset().union(*others))


def rows_of(side: SideGraph, other_side: frozenset[str] = frozenset()) -> list[Row]:
    """Return the rows of one graph; ``other_side`` are the constants of the other by digest."""
    records = WorkCounter(side.graph, side.ports, side.named_by_rows).count()
    by_row: dict[str, list[WorkRecord]] = {}
    for record in records:
        by_row.setdefault(record.row, []).append(record)
    states = _states_by_row(side, records, by_row)
    weights, taken = all_weights(side), set[str]()
    rows = []
    for name, found in by_row.items():
        stored = dict.fromkeys(w for record in found for w in record.weights)
        mine = [weights[each] for each in stored if each not in taken and each in weights]
        taken.update(stored)
        row = _row(side, name, found)
        values = states.pop(name, 0)
        held = values if side.named_by_rows and row.op == "add" else 0
        rows.append(
            row._replace(
                stored_values=sum(each.value.values for each in mine),
                shared_values=sum(e.value.values for e in mine if e.digest in other_side),
                state_values=values - held,
                held_values=held,
            )
        )
    return [*rows, *(_state_row(side, name, values) for name, values in states.items())]


def _row(side: SideGraph, name: str, records: Sequence[WorkRecord]) -> Row:
    main = max(records, key=lambda record: (record.macs, sum(record.work.values())))
    work: dict[str, int] = {}
    for record in records:
        for kind, n in record.work.items():
            work[kind] = work.get(kind, 0) + n
    return Row(
        name=name,
        side=side.side,
        stage=_stage(side, name, records),
        op=main.op,
        geometry=main.geometry,
        runs_per_frame=main.runs,
        work=work,
        storage="codebook" if main.op in CODEBOOKS else "weights",
        note="" if work else "no work",
        problem=next((record.problem for record in records if record.problem), ""),
    )


def _stage(side: SideGraph, name: str, records: Sequence[WorkRecord]) -> Stage:
    """Return the stage of a row: a quantizer searches, looks up and adds what was looked up."""
    if side.side == "undivided":
        return "undivided"
    ops = {record.op for record in records}
    if side.named_by_rows:
        is_rvq = name.split(".")[0] == QUANTIZER
    elif side.side == "transmit":
        is_rvq = bool(ops & {*CODEBOOKS}) or any(record.after_choice for record in records)
    else:
        is_rvq = "lookup" in ops or all(record.adds_entries for record in records)
    if is_rvq:
        return "rvq"
    return "encoder" if side.side == "transmit" else "decoder"


def _states_by_row(
    side: SideGraph, records: Sequence[WorkRecord], names: Collection[str]
) -> dict[str, int]:
    """Return the values of state by row: the one that its name says, else the first to read it."""
    found: dict[str, int] = {}
    for name in side.ports.state_inputs:
        reader = next((record.row for record in records if name in record.states), name)
        if side.named_by_rows and name.startswith(STATE_PREFIX):
            path = name.removeprefix(STATE_PREFIX)
            reader = nearest(side.side, path, {(side.side, each) for each in names})
        found[reader] = found.get(reader, 0) + side.graph.value(name).values
    return found


def _state_row(side: SideGraph, name: str, values: int) -> Row:
    """Return the row of a state that no row with work has, such as of branches side by side."""
    held = values if side.named_by_rows and HELD in name else 0
    stages: dict[Side, Stage] = {"transmit": "encoder", "receive": "decoder"}
    return Row(
        name=name,
        side=side.side,
        stage=stages.get(side.side, "undivided"),
        op="state",
        geometry=Geometry(1, 1),
        runs_per_frame=0,
        work={},
        state_values=values - held,
        held_values=held,
        note="no work, only state",
    )


def all_weights(side: SideGraph) -> Mapping[str, Weight]:
    """Return the constants of a graph by name, those inside its nodes included."""
    found = dict(side.graph.body.weights)
    for node in side.graph.body.all_nodes():
        for body in node.bodies.values():
            found.update(body.weights)
    return found
