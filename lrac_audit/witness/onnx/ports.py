"""The inputs and outputs of a graph: what passes through it, and the state of the stream.

The first input and the first output are audio or codes. Every other input is a state that an output
of the same type renews, or a mode that the caller sets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.witness.onnx.graph_model import Graph

STATE_PREFIX = "state."
"""What the names of states begin with, followed by a row of the ledger."""
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
    """Return inputs with the outputs that renew them: of one name, else in one order."""
    left = {_core(name): name for name in outputs}
    named = [
        (name, left[_core(name)])
        for name in inputs
        if _core(name) in left and graph.value(name) == graph.value(left[_core(name)])
    ]
    if len({output for _, output in named}) == len(named) == len(inputs):
        return named
    types = [[graph.value(name) for name in names] for names in (inputs, outputs)]
    if types[0] == types[1]:
        return list(zip(inputs, outputs, strict=True))
    return named


def _core(name: str) -> str:
    """Return ``name`` without the words that tell an old state from a new one.

    >>> _core("state.encoder.blocks.0"), _core("next.encoder.blocks.0"), _core("h_in")
    ('encoder.blocks.0', 'encoder.blocks.0', 'h')
    """
    return _ROLE.sub("", name.lower()).strip("._-:/ ")


def _is_mode(graph: Graph, name: str) -> bool:
    value = graph.value(name)
    return value.dtype == "bool" or (value.values == 1 and "int" in value.dtype)
