"""The delay that graphs declare, held to what their results depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrac_audit.ledger.agreement import Finding
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger, Side
from lrac_audit.witness.onnx.graph_delay import GraphReach, least_delay
from lrac_audit.witness.onnx.side_rows import Delays
from lrac_audit.witness.onnx.sides import PREFIX, SideGraph

UNDECLARED = (
    "A graph with state shows no look-ahead: a late result and one that looks back are the same "
    f"arithmetic. The metadata must say the whole delay, {PREFIX}latency_samples."
)
DECLARED = (
    "The look-ahead is what the metadata of the graphs declares; their dependency bounds it only."
)


class JudgedDelay(NamedTuple):
    """The look-ahead of each side, the findings on it, and remarks."""

    by_side: Delays
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]


def judge_delay(
    sides: Sequence[SideGraph],
    reaches: Mapping[Side, GraphReach],
    declared_samples: int | None,
    design_ledger: Ledger | None,
) -> JudgedDelay:
    """Return the delay of graphs: one call, and what is declared beyond it.

    A graph without state depends on nothing but its own call, and has no look-ahead beyond it.
    """
    names: list[Side] = [each.side for each in sides]
    hop_samples = sides[0].hop_samples
    least = least_delay(reaches, hop_samples)
    if least is not None and not any(each.ports.states for each in sides):
        return JudgedDelay(dict.fromkeys(names, 0), (), ())
    if declared_samples is None or least is None:
        remarks = (UNDECLARED,) if declared_samples is None and least is not None else ()
        return JudgedDelay(dict.fromkeys(names), (), remarks)
    ahead = max(declared_samples - hop_samples, 0)
    finding = shown_least(declared_samples, least)
    remarks = (DECLARED,) if finding.explanation else ()
    return JudgedDelay(_divided(names, ahead, design_ledger), (finding,), remarks)


def shown_least(total_samples: int, least_samples: int) -> Finding:
    """Return the finding on the least delay that graphs show; a shorter total is in doubt."""
    why = "graphs show the least that it can be" if least_samples < total_samples else ""
    return Finding(
        "dependency", "codec", "total", "delay_samples", total_samples, least_samples, why
    )


def _divided(names: Sequence[Side], ahead: int, design_ledger: Ledger | None) -> Delays:
    """Return the look-ahead of each side: of the receive side that of the design, if it fits."""
    if len(names) == 1:
        return {names[0]: ahead}
    walked = None if design_ledger is None else latency(design_ledger).receive_samples
    receive = min(walked or 0, ahead)
    return {"transmit": ahead - receive, "receive": receive}
