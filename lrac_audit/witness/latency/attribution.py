"""Attribute look-ahead to modules, along the critical path from the output back to the input.

Of the results that an operation is made from, the one that moves earliest relative to the change is
on the critical path; of parallel paths that is the one with the larger look-ahead. An operation
adds the number of samples by which its result moves earlier than that one. So the parts add up to
the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from torch import nn

from lrac_audit.witness.latency.dataflow import Node
from lrac_audit.witness.latency.measured_latency import Attribution
from lrac_audit.witness.latency.onsets import Onsets
from lrac_audit.witness.latency.sides import Side
from lrac_audit.witness.latency.time_axes import Periods


class Link(NamedTuple):
    """One operation on the critical path."""

    node: Node
    added: int


def attribute_look_ahead(
    root: nn.Module, side: Side, onsets: Onsets, look_ahead: int
) -> tuple[Attribution, ...]:
    """Return the modules that add to the look-ahead of ``side``, in the order of the signal."""
    links = [link for link in _links(side, onsets) if link.node.owner or link.added]
    names = _names(root, links)
    sums: dict[str, int] = {}
    for link, name in zip(links, names, strict=True):
        sums[name] = sums.get(name, 0) + link.added
    rest = look_ahead - sum(sums.values())
    sums[""] = sums.get("", 0) + rest
    return tuple(Attribution(name, added) for name, added in sums.items() if added)


def critical_path(onsets: Onsets) -> list[int]:
    """Return the indices of the nodes on the critical path, from the input to the output."""
    path: list[int] = []
    index: int | None = onsets.output_index
    while index is not None:
        path.append(index)
        index = _critical_source(onsets, index)
    return path[::-1]


def _links(side: Side, onsets: Onsets) -> list[Link]:
    """Return the operations on the critical path with what each of them adds."""
    links = []
    before: int | None = None
    for index in critical_path(onsets):
        ahead = onsets.ahead[index] or 0
        added = ahead - (0 if before is None else onsets.ahead[before] or 0)
        if before is not None and side.kind == "whole":
            added -= _framing(onsets.periods[before], onsets.periods[index])
        links.append(Link(onsets.nodes[index], added))
        before = index
    return links


def _framing(before: Periods, after: Periods) -> int:
    """Return by how much a step starts earlier where the rate falls: buffering, not look-ahead."""
    if not before or not after:
        return 0
    return max(int(min(after.values()) - min(before.values())), 0)


def _critical_source(onsets: Onsets, index: int) -> int | None:
    """Return the nearest result with a time axis behind ``index`` that is farthest ahead."""
    found = list(_timed(onsets, onsets.nodes[index].sources))
    return max(found, key=lambda i: (onsets.ahead[i] or 0, i), default=None)


def _timed(onsets: Onsets, sources: Sequence[int]) -> Iterator[int]:
    waiting, seen = list(sources), set(sources)
    while waiting:
        index = waiting.pop()
        if onsets.ahead[index] is not None:
            yield index
            continue
        if onsets.periods[index] and onsets.moved[index] is None:
            continue  # it does not move, so nothing comes through it
        more = set(onsets.nodes[index].sources) - seen
        waiting += more
        seen |= more


def _names(root: nn.Module, links: Sequence[Link]) -> list[str]:
    """Return the module to which each operation is attributed.

    An operation with parameters belongs to their owner. One without belongs to the layer that
    contains it; to the owner before and after it, where these are the same; padding to the layer
    that it is for.
    """
    layers = _layers(root)
    before: list[str | None] = []
    last = None
    for link in links:
        last = link.node.owner or last
        before.append(last)
    names: list[str] = []
    following = None
    for link, owner in zip(reversed(links), reversed(before), strict=True):
        following = link.node.owner or following
        names.append(_name(link, owner, following, layers))
    return names[::-1]


def _name(link: Link, before: str | None, after: str | None, layers: dict[str, str]) -> str:
    node = link.node
    if node.owner:
        return node.owner
    if before is not None and before == after:
        return before
    if link.added < 0 and after is not None:
        return after
    return layers.get(node.called, node.called)


def _layers(root: nn.Module) -> dict[str, str]:
    """Map each module that wraps a single layer with parameters to the path of that layer."""
    inside: dict[str, set[str]] = {}
    for path, module in root.named_modules(remove_duplicate=False):
        if next(module.parameters(recurse=False), None) is not None:
            layer = path.split(".parametrizations.")[0]
            for around in _around(layer):
                inside.setdefault(around, set()).add(layer)
    return {path: layers.pop() for path, layers in inside.items() if len(layers) == 1}


def _around(path: str) -> Iterator[str]:
    """Yield ``path`` and the paths of all modules that contain it."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""


def module_of(root: nn.Module, node: Node) -> str:
    """Return the module to which ``node`` is attributed when its neighbours are not considered."""
    return node.owner or _layers(root).get(node.called, node.called)
