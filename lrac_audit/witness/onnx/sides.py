"""The side of a codec that a graph computes, and the rates at which it runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem, shown
from lrac_audit.ledger.row import Side
from lrac_audit.witness.onnx.graph_model import Graph
from lrac_audit.witness.onnx.ports import Ports, ports_of
from lrac_audit.witness.stated_rates import StatedRates

PREFIX = "lrac."
"""What the keys of metadata about codecs begin with."""
_NAMES: dict[Side, re.Pattern[str]] = {
    "transmit": re.compile(r"transmit|encod"),
    "receive": re.compile(r"receiv|decod"),
}


class SideGraph(NamedTuple):
    """A graph and what it is in a codec."""

    graph: Graph
    ports: Ports
    side: Side
    hop_samples: int
    """Audio samples of one call."""

    @property
    def named_by_rows(self) -> bool:
        """Whether its nodes and states are named by rows of a ledger."""
        return f"{PREFIX}side" in self.graph.metadata

    def stated(self, key: str) -> str | None:
        """Return what the metadata says about ``key``."""
        return self.graph.metadata.get(PREFIX + key)


def side_graph(graph: Graph, stated: StatedRates) -> SideGraph:
    """Return ``graph`` with its side and hop.

    Raises:
        InputError: these do not follow from it, or contradict what is stated.
    """
    ports = ports_of(graph)
    side = _side(graph, ports)
    audio = graph.value(ports.result if side == "receive" else ports.signal)
    if not audio.shape or not audio.shape[-1]:
        name = ports.result if side == "receive" else ports.signal
        allowed = "audio of a fixed number of samples, or --hop SAMPLES"
        raise InputError(graph.source, [Problem(name, "no fixed shape", allowed)])
    hop_samples = audio.shape[-1]
    if stated.hop_samples not in (None, hop_samples):
        allowed = f"{hop_samples}, the samples of audio in one call of {graph.source}"
        raise InputError("options", [Problem("--hop", str(stated.hop_samples), allowed)])
    return SideGraph(graph, ports, side, hop_samples)


def _side(graph: Graph, ports: Ports) -> Side:
    """Return the side by metadata, by the types of what goes in and out, or by the file's name."""
    said = graph.metadata.get(f"{PREFIX}side")
    for side in _NAMES:
        if said == side:
            return side
    if said is not None:
        problem = Problem(f"{PREFIX}side", shown(said), "transmit or receive")
        raise InputError(graph.source, [problem])
    takes, gives = graph.value(ports.signal), graph.value(ports.result)
    if takes.is_float and not gives.is_float:
        return "transmit"
    if gives.is_float and not takes.is_float:
        return "receive"
    name = Path(graph.source).name.lower()
    found = [side for side, pattern in _NAMES.items() if pattern.search(name)]
    if len(found) == 1:
        return found[0]
    return "undivided"


def sample_rate(graphs: list[SideGraph], stated: StatedRates) -> int:
    """Return the sample rate that is stated, else that of the metadata.

    Raises:
        InputError: neither says it, or the graphs contradict each other.
    """
    if stated.sample_rate_hz is not None:
        return stated.sample_rate_hz
    field = f"{PREFIX}sample_rate_hz"
    said = {each.stated("sample_rate_hz") for each in graphs}
    text = said.pop() if len(said) == 1 else None
    if text is None:
        given = "graphs of different rates" if said else "no sample rate in the metadata"
        raise InputError(graphs[0].graph.source, [Problem(field, given, "--sample-rate HZ")])
    if not text.isdecimal() or not 0 < int(text[:10]) <= 1_000_000:
        problem = Problem(field, shown(text), "a number of at most 1,000,000, or --sample-rate HZ")
        raise InputError(graphs[0].graph.source, [problem])
    return int(text)
