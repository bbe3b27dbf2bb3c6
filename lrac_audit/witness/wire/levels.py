"""Measure the bits that codes need, from the values that they were seen to take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lrac_audit.ledger.bitstream import CodeStream
from lrac_audit.witness.wire.leaves import TEXT, Leaf
from lrac_audit.witness.wire.tables import Lookups, lookups_per_hop, table_bits_per_hop

ROUNDING = 1e-9


class Run(NamedTuple):
    """Everything that was handed over for one clip."""

    hops: int
    leaves: tuple[Leaf, ...]
    lookups: Mapping[str, Lookups]
    """What the receiver looks up, by the place of the codes."""


class Observed(NamedTuple):
    """The streams that are handed over, and sentences on them."""

    streams: tuple[CodeStream, ...]
    broken: tuple[str, ...]
    unsure: tuple[str, ...]


def code_streams(short: Run, long: Run, other: Run, hops_per_s: float) -> Observed:
    """Return what is handed over per second.

    Args:
        short: a clip.
        long: a longer clip; the difference of the two has no effects of beginning and end.
        other: another signal as long as ``short``. What is the same for both carries nothing.
        hops_per_s: hops in a second.
    """
    more_hops = long.hops - short.hops
    streams, broken, unsure = [], [], []
    for leaves in _same_leaves((short, long, other)):
        stream = _stream(leaves, more_hops, hops_per_s)
        if _carries_nothing(leaves):
            streams += [stream._replace(bits_per_s=0.0)] if stream.values_per_s else []
            continue
        streams.append(stream)
        if not _holds_whole_numbers(leaves):
            broken.append(_not_whole(stream))
        elif leaves[1].values is not None and leaves[1].values.is_floating_point():
            unsure.append(
                f"{stream.name}: whole numbers of the type {stream.dtype}, which also "
                "holds others; codes are of an integer type"
            )
    wide = (_by_tables(stream, short, long, hops_per_s) for stream in streams)
    return Observed(tuple(wide), tuple(broken), tuple(unsure))


def _by_tables(stream: CodeStream, short: Run, long: Run, hops_per_s: float) -> CodeStream:
    """Return a stream at the range of the tables, where all of its codes index tables.

    Which of its codewords a codec uses on a few clips depends on its weights; an untrained one may
    use a single one.
    """
    few, many = (run.lookups.get(stream.name, {}) for run in (short, long))
    lookups = lookups_per_hop(few, many, long.hops - short.hops)
    per_hop = stream.values_per_s / hops_per_s
    if stream.lowest is None or stream.highest is None or not lookups:
        return stream
    if float(sum(lookups.values())) < per_hop * (1 - ROUNDING):
        return stream
    return stream._replace(
        lowest=min(stream.lowest, 0.0),
        highest=max(stream.highest, max(lookups) - 1.0),
        bits_per_s=max(stream.bits_per_s, table_bits_per_hop(lookups, per_hop) * hops_per_s),
    )


def _same_leaves(runs: Sequence[Run]) -> list[tuple[Leaf, ...]]:
    """Return each leaf in all runs; where their number varies, those of one type joined to one."""
    names = [[(leaf.name, leaf.kind) for leaf in run.leaves] for run in runs]
    if names[0] == names[1] == names[2]:
        return list(zip(*(run.leaves for run in runs), strict=True))
    kinds = dict.fromkeys(leaf.kind for run in runs for leaf in run.leaves)
    return [tuple(_joined(run, kind) for run in runs) for kind in kinds]


def _joined(run: Run, kind: str) -> Leaf:
    values = [leaf.values for leaf in run.leaves if leaf.kind == kind]
    known = [value.flatten() for value in values if value is not None]
    whole = len(known) == len(values)
    empty = torch.zeros(0, dtype=torch.int64)
    return Leaf("codes[*]", torch.cat([empty, *known]) if whole else None, kind)


def _carries_nothing(leaves: Sequence[Leaf]) -> bool:
    """Return whether a leaf is the same for both signals of one length."""
    one, _, other = (leaf.values for leaf in leaves)
    if one is None or other is None:
        return False
    return one.shape == other.shape and torch.equal(one, other)


def _holds_whole_numbers(leaves: Sequence[Leaf]) -> bool:
    """Return whether only whole numbers were seen, in whatever type."""
    for leaf in leaves:
        if leaf.values is None or leaf.kind == TEXT or leaf.values.is_complex():
            return False
        fractions = leaf.values.is_floating_point() and leaf.values.frac()
        if fractions is not False and bool((fractions != 0).any()):
            return False
    return True


def _stream(leaves: Sequence[Leaf], more_hops: int, hops_per_s: float) -> CodeStream:
    """Return a leaf per second; values that are no whole numbers at the width of their type."""
    name, _, kind = leaves[1]
    known = [leaf.values for leaf in leaves if leaf.values is not None]
    if len(known) < len(leaves):
        return CodeStream(name, kind, None, None, 0, 0)
    short, long, other = known
    per_hop = max(0, long.numel() - short.numel()) / more_hops
    if not _holds_whole_numbers(leaves):
        width = 8 * long.element_size()
        return CodeStream(
            name, kind, None, None, per_hop * hops_per_s, per_hop * hops_per_s * width
        )
    every = torch.cat([value.flatten() for value in known]).double()
    low, high = (float(every.min()), float(every.max())) if every.numel() else (None, None)
    bits = bits_per_hop(short, long, other, more_hops)
    return CodeStream(name, kind, low, high, per_hop * hops_per_s, bits * hops_per_s)


def _not_whole(stream: CodeStream) -> str:
    if stream.lowest is None and not stream.bits_per_s and not stream.values_per_s:
        often = "once for a clip"
    else:
        often = f"{stream.values_per_s:,.6g} a second"
    return f"{stream.name} is {stream.dtype}, {often}: codes are whole numbers of an integer type"


def bits_per_hop(short: Tensor, long: Tensor, other: Tensor, more_hops: int) -> float:
    """Return the bits per hop of whole numbers, each channel at the range that it was seen at.

    Only what grows with the length counts. Channels are the places along the other axes and, where
    several values come in a hop along the axis that grows, the places in the hop.
    """
    added = max(0, long.numel() - short.numel()) / more_hops
    growing = [
        axis
        for axis, (few, many) in enumerate(zip(short.shape, long.shape, strict=False))
        if few != many
    ]
    same_rank = short.dim() == long.dim() == other.dim()
    if not same_rank or len(growing) != 1 or short.shape != other.shape:
        every = torch.cat([value.flatten() for value in (short, long, other)])
        return added * bits_of(every)
    axis = growing[0]
    per_hop, rest = divmod(long.shape[axis] - short.shape[axis], more_hops)
    places = per_hop if rest == 0 and per_hop > 0 else 1
    joined = [_by_channel(value, axis, places) for value in (long, other)]
    channels = torch.cat(joined, 1)
    return added / len(channels) * sum(bits_of(channel) for channel in channels)


def _by_channel(values: Tensor, axis: int, places: int) -> Tensor:
    """Return ``values`` as ``[channels, steps]``, whole hops of them."""
    last = values.movedim(axis, -1).flatten(0, -2) if values.dim() > 1 else values[None]
    steps = last.shape[1] // places * places
    by_place = last[:, :steps].reshape(len(last), -1, places).transpose(1, 2)
    return by_place.flatten(0, 1)


def bits_of(values: Tensor) -> float:
    """Return the bits that each of ``values`` needs on the coarsest grid that holds them all."""
    numbers = sorted(set(values.tolist()))
    if len(numbers) < 2:
        return 0.0
    lowest, highest = int(numbers[0]), int(numbers[-1])
    step = math.gcd(*(int(number) - lowest for number in numbers))
    return math.log2((highest - lowest) // step + 1)
