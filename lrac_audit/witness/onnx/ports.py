"""The inputs and outputs of a graph: what passes through it, and the state of the stream.

The first input and the first output are audio or codes. Every other input is a state that an output
of the same type renews, or a mode that the caller sets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from lrac_audit.witness.onnx.graph_model import Graph

STATE_PREFIX = "state."
NEXT_PREFIX = "next."
"""What the names of states and of their renewals begin with, followed by a row of the ledger."""
FRAME, REMAINING = "frame", "remaining"
"""Modes whose meaning is known: the calls before this one in the stream, and the steps of the first
input that are left of it from this call on, any large number where it has not ended."""
_ROLE = re.compile(
    r"(?:^|(?<=[^a-z]))(state|next|new|prev|previous|past|present|in|out|input|output)(?=[^a-z]|$)"
)


class Ports(NamedTuple):
    """The inputs and outputs of a graph by their roles."""

    signal: str
    """The input that is audio or codes."""
    result: str
    """The output that is codes or audio."""
    states: tuple[tuple[str, str], ...]
    """Each state: the input that brings it, and the output that renews it."""
    modes: tuple[str, ...]
    """Inputs of one number or truth value, or of truth values."""
    unknown_inputs: tuple[str, ...]
    unknown_outputs: tuple[str, ...]

    @property
    def state_inputs(self) -> tuple[str, ...]:
        """The inputs that bring states."""
        return tuple(name for name, _ in self.states)


def ports_of(graph: Graph) -> Ports:
    """Return the roles of the inputs and outputs of ``graph``."""
    signal, *inputs = graph.inputs
    result, *outputs = graph.body.outputs
    states = _pairs(graph, inputs, outputs)
    paired = {name for pair in states for name in pair}
    rest = [name for name in inputs if name not in paired]
    modes = tuple(name for name in rest if _is_mode(graph, name))
    return Ports(
        signal,
        result,
        tuple(states),
        modes,
        tuple(name for name in rest if name not in modes),
        tuple(name for name in outputs if name not in paired),
    )


def _pairs(graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, str]]:
    """Return inputs with the outputs of the same type that renew them.

    They have the names of this project, or else names that are alike, or else come in one order.
    """
    found: list[tuple[str, str]] = []
    for key in (_own, _core):
        rest = [[n for n in names if n not in _flat(found)] for names in (inputs, outputs)]
        by_key = {key(name): name for name in rest[1]}
        keys = [key(name) for name in rest[0]]
        found += [
            (name, by_key[each])
            for name, each in zip(rest[0], keys, strict=True)
            if each in by_key and keys.count(each) == 1 and _alike(graph, name, by_key[each])
        ]
    rest = [[n for n in names if n not in _flat(found)] for names in (inputs, outputs)]
    kept = [name for name in rest[0] if not _is_mode(graph, name)]
    if len(kept) == len(rest[1]) and all(map(partial(_alike, graph), kept, rest[1])):
        found += zip(kept, rest[1], strict=True)
    return found


def _flat(pairs: Sequence[tuple[str, str]]) -> set[str]:
    return {name for pair in pairs for name in pair}


def _alike(graph: Graph, name: str, other: str) -> bool:
    return graph.value(name) == graph.value(other)


def _own(name: str) -> str:
    """Return what follows the prefix of a state or of its renewal; of other names, themselves."""
    return name.removeprefix(STATE_PREFIX).removeprefix(NEXT_PREFIX)


def _core(name: str) -> str:
    """Return ``name`` without the words that tell an old state from a new one.

    >>> _core("state.encoder.blocks.0"), _core("next.encoder.blocks.0"), _core("h_in")
    ('encoder.blocks.0', 'encoder.blocks.0', 'h')
    """
    return _ROLE.sub("", name.lower()).strip("._-:/ ")


def _is_mode(graph: Graph, name: str) -> bool:
    value = graph.value(name)
    return value.dtype == "bool" or (value.values == 1 and "int" in value.dtype)
