"""The bitrate of the codes that a graph gives, from the searches that they are the results of."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import NamedTuple

from lrac_audit.ledger.bitstream import Bitstream, CodeStream
from lrac_audit.witness.onnx.provenance import Choice
from lrac_audit.witness.onnx.sides import SideGraph
from lrac_audit.witness.onnx.work_counter import WorkCounter

FRACTIONS = "the codes are fractions, of the type {}: whole numbers of an integer type are needed"


class Sent(NamedTuple):
    """The codes of a graph, each of which is the index of one of so many candidates."""

    streams: tuple[CodeStream, ...]
    kbps: float


def sent_codes(side: SideGraph, sample_rate_hz: int) -> Sent | None:
    """Return the codes that a transmit graph gives; None where they are not all chosen indices."""
    codes = side.graph.value(side.ports.result)
    counter = WorkCounter(side.graph, side.ports, side.named_by_rows)
    counter.count()
    choices = counter.sent
    if side.side != "transmit" or codes.is_float or _indices(choices) != codes.values:
        return None
    calls_per_s = sample_rate_hz / side.hop_samples
    streams = tuple(
        _stream(f"{side.ports.result}[{at}]", codes.dtype, choice, calls_per_s)
        for at, choice in enumerate(sorted(choices, key=lambda choice: choice.record))
    )
    return Sent(streams, sum(each.bits_per_s for each in streams) / 1000)


def bitstream_of(
    side: SideGraph, sent: Sent | None, declared_kbps: float | None
) -> Bitstream | None:
    """Return what a graph gives beside the bitrate that it declares; None where that is unknown."""
    if side.side != "transmit" or declared_kbps is None:
        return None
    codes = side.graph.value(side.ports.result)
    if codes.is_float:
        return Bitstream(declared_kbps, (), (FRACTIONS.format(codes.dtype),))
    return None if sent is None else Bitstream(declared_kbps, sent.streams)


def _indices(choices: Sequence[Choice]) -> int:
    return sum(choice.compared // max(choice.candidates, 1) for choice in choices)


def _stream(name: str, dtype: str, choice: Choice, calls_per_s: float) -> CodeStream:
    indices_per_s = choice.compared / choice.candidates * calls_per_s
    bits_per_s = indices_per_s * log2(choice.candidates)
    return CodeStream(name, dtype, 0, choice.candidates - 1, indices_per_s, bits_per_s)
