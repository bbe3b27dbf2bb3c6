"""Attribute look-ahead to modules, along the critical path.

An operation adds the number of samples by which its result needs the critical input sooner than the
one that it is made from. So the parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from torch import nn

from lrac_audit.witness.dependency.operations import Operation
from lrac_audit.witness.latency.critical_path import Onsets
from lrac_audit.witness.latency.measured_latency import Attribution


class Link(NamedTuple):
    """One operation on the critical path, and the look-ahead that it adds."""

    operation: Operation
    added: int


def transmit_links(onsets: Onsets, path: Sequence[Operation]) -> list[Link]:
    """Return the links of a path to the latent, whose steps are ready at their ends."""
    return _links(path, [-onsets.end_sample(operation) for operation in path])


def receive_links(onsets: Onsets, path: Sequence[Operation]) -> list[Link]:
    """Return the links of a path from the latent, whose steps are played from their starts."""
    return _links(path, [-onsets.first_sample(operation) for operation in path])


def whole_links(onsets: Onsets, path: Sequence[Operation]) -> list[Link]:
    """Return the links of a path from audio to audio.

    Where the rate falls, a step starts earlier by the samples that it collects: that is buffering.
    """
    links = receive_links(onsets, path)
    periods = [onsets.timed.period(operation) for operation in path]
    framing = [0] + [max(int(b) - int(a), 0) for a, b in pairwise(periods)]
    return [link._replace(added=link.added - f) for link, f in zip(links, framing, strict=True)]


def _links(path: Sequence[Operation], ahead: Sequence[int]) -> list[Link]:
    added = [0] + [b - a for a, b in pairwise(ahead)]
    return [Link(*each) for each in zip(path, added, strict=True)]


def attribute_look_ahead(
    root: nn.Module, links: Sequence[Link], look_ahead: int
) -> tuple[Attribution, ...]:
    """Return the modules that add to ``look_ahead``, in the order of the signal."""
    layers = layers_around(root)
    links = [link for link in links if link.added or link.operation.owner]
    sums: dict[str, int] = {}
    for link, name in zip(links, _names(layers, links), strict=True):
        sums[name] = sums.get(name, 0) + link.added
    sums[""] = sums.get("", 0) + look_ahead - sum(sums.values())
    return tuple(Attribution(name, added) for name, added in sums.items() if added)


def layers_around(root: nn.Module) -> dict[str, str]:
    """Map each module that wraps a single layer with parameters to the path of that layer."""
    inside: dict[str, set[str]] = {}
    for path, module in root.named_modules(remove_duplicate=False):
        if next(module.parameters(recurse=False), None) is not None:
            layer = path.split(".parametrizations.")[0]
            for around in _around(layer):
                inside.setdefault(around, set()).add(layer)
    return {path: layers.pop() for path, layers in inside.items() if len(layers) == 1}


def module_of(root: nn.Module, operation: Operation) -> str:
    """Return the module to which ``operation`` is attributed when nothing around it counts."""
    path = operation.module_path
    return operation.owner or layers_around(root).get(path, path)


def _names(layers: Mapping[str, str], links: Sequence[Link]) -> list[str]:
    """Return the module to which each operation is attributed.

    An operation with parameters belongs to their owner. One without belongs to the layer that it is
    wrapped around; to the owner before and after it, where these are the same; padding to the layer
    that it is for: the next one that has parameters or adds look-ahead.
    """
    before: list[str | None] = []
    last = None
    for link in links:
        last = link.operation.owner or last
        before.append(last)
    names: list[str] = []
    padded_for = following = None
    for link, earlier in zip(reversed(links), reversed(before), strict=True):
        if link.operation.owner:
            padded_for = following = link.operation.owner
        name = _name(link, earlier, following, padded_for, layers)
        if link.added > 0:
            padded_for = name
        names.append(name)
    return names[::-1]


def _name(
    link: Link,
    before: str | None,
    after: str | None,
    padded_for: str | None,
    layers: Mapping[str, str],
) -> str:
    operation = link.operation
    if operation.owner:
        return operation.owner
    if before is not None and before == after:
        return before
    if link.added < 0 and padded_for is not None:
        return padded_for
    return layers.get(operation.module_path, operation.module_path)


def _around(path: str) -> Iterator[str]:
    """Yield ``path`` and the paths of all modules that contain it."""
    while path:
        yield path
        path = path.rpartition(".")[0]
    yield ""
