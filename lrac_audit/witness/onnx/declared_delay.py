"""The delay that graphs declare, held to what their results depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.ledger.agreement import Finding
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.row import Ledger, Side
from lrac_audit.witness.onnx.dependency.unrolled import Start
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
LEAST = "graphs show the least that it can be"
WHOLE_CALLS = "graphs take whole calls, and so come later by less than one"
MOST_STEPS = 1 << 24


class JudgedDelay(NamedTuple):
    """The look-ahead of each side, the findings on it, and remarks."""

    by_side: Delays
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()


def judge_delay(
    sides: Sequence[SideGraph],
    reaches: Mapping[Side, GraphReach],
    starts: Mapping[Side, Start],
    declared_samples: int | None,
    design_ledger: Ledger | None,
) -> JudgedDelay:
    """Return the delay of graphs: one call, and what is declared or shown beyond it.

    A graph without state depends on nothing but its own call, and has no look-ahead beyond it.

    Raises:
        InputError: the steps by which a result is late are no whole number.
    """
    hop_samples = sides[0].hop_samples
    least = least_delay(reaches, starts, hop_samples)
    first = sides[0].side
    unknown: Delays = dict.fromkeys([each.side for each in sides])
    is_whole = len(sides) > 1 or first == "undivided"
    if is_whole and not any(each.ports.states for each in sides):
        return JudgedDelay(dict.fromkeys(unknown, 0))
    if least is None:
        return JudgedDelay(unknown)
    found = _declared(sides, declared_samples, design_ledger)
    if found is None:
        return JudgedDelay(unknown, remarks=(UNDECLARED,))
    total = hop_samples + sum(found.values())
    delays = {**found, first: found[first] + max(least - total, 0)}
    finding = whole_delay(total, least, hop_samples, least=True)
    return JudgedDelay(delays, (finding,), (DECLARED,) if least < total else ())


def whole_delay(
    total_samples: int, found_samples: int, hop_samples: int, least: bool = False
) -> Finding:
    """Return the finding on the delay of graphs, beside the total that is declared or derived.

    ``least`` delays may be less; and what graphs send may come later by less than a call.
    """
    why = LEAST if least and found_samples < total_samples else ""
    if total_samples < found_samples < total_samples + hop_samples:
        why = WHOLE_CALLS
    figures = total_samples, found_samples
    return Finding("exported graph", "codec", "total", "delay_samples", *figures, why)


def _declared(
    sides: Sequence[SideGraph], declared_samples: int | None, design_ledger: Ledger | None
) -> dict[Side, int] | None:
    """Return the look-ahead of each side as its own graph says it, else as the total implies."""
    own = {each.side: _late_samples(each) for each in sides}
    known = {side: samples for side, samples in own.items() if samples is not None}
    if len(known) == len(own):
        return known
    if declared_samples is None:
        return None
    ahead = max(declared_samples - sides[0].hop_samples, 0)
    walked = None if design_ledger is None else latency(design_ledger).receive_samples
    receive = min(walked or 0, ahead)
    return {each.side: receive if each.side == "receive" else ahead - receive for each in sides}


def _late_samples(side: SideGraph) -> int | None:
    """Return by how much a result comes late: calls of codes, or samples of audio."""
    text = side.stated("output_delay_steps")
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9 or int(text) > MOST_STEPS:
        problem = Problem(f"{PREFIX}output_delay_steps", shown(text), "a whole number")
        raise InputError(side.graph.source, [problem])
    return int(text) * (side.hop_samples if side.side == "transmit" else 1)
