"""The delay that graphs declare, held to what their results depend on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lrac_audit.ledger.agreement import Finding
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger, Side
from lrac_audit.witness.onnx.graph_delay import GraphReach, latest_ahead, silent_samples
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
    shown = latest_ahead(reaches, hop_samples)
    if not any(each.ports.states for each in sides) and shown is not None:
        return JudgedDelay(dict.fromkeys(names, 0), (), ())
    if declared_samples is None or shown is None:
        remarks = (UNDECLARED,) if declared_samples is None and len(names) > 1 else ()
        return JudgedDelay(dict.fromkeys(names), (), remarks)
    findings = tuple(
        _findings(declared_samples, shown, silent_samples(reaches, hop_samples), hop_samples)
    )
    ahead = max(declared_samples - hop_samples, 0)
    return JudgedDelay(_divided(names, ahead, design_ledger), findings, (DECLARED,))


def _findings(declared: int, shown: int, silent: int | None, hop_samples: int) -> Iterator[Finding]:
    """Yield the declared delay beside the least that the dependency shows.

    It must be a call at least; and where a stream begins with samples that depend on no input, that
    many must be declared beyond the call.
    """
    least = max(shown, hop_samples + (silent or 0))
    why = "more may be declared than shows in a graph" if declared >= least and not silent else ""
    yield Finding("dependency", "codec", "total", "delay_samples", declared, least, why)


def _divided(names: Sequence[Side], ahead: int, design_ledger: Ledger | None) -> Delays:
    """Return the look-ahead of each side: of the receive side that of the design, if it fits."""
    if len(names) == 1:
        return {names[0]: ahead}
    walked = None if design_ledger is None else latency(design_ledger).receive_samples
    receive = min(walked or 0, ahead)
    return {"transmit": ahead - receive, "receive": receive}
