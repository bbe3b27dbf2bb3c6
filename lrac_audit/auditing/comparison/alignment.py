"""Alignment of the layers of two codecs: by kind and order, whatever their names are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile, zip_longest
from typing import NamedTuple

from lrac_audit.auditing.comparison.figures import Layer

MOST_PAIRS = 1 << 18
"""Beyond so many pairs of layers of one stage they are aligned by position alone."""
GAP = 1.0
"""The price of a layer that stands in one of two codecs only."""
OTHER_NAME = 0.01
"""The price of a pair of two names, less than that of any number: it settles what else is even."""
FIELDS = (
    *("channels_in", "channels_out", "kernel", "stride", "dilation", "groups", "rate_hz"),
    *("mflops", "stored_values", "state_values", "delay_ms"),
)
"""The numbers by which two layers of one kind may differ."""


class Pair(NamedTuple):
    """A layer of one codec and the layer in its place in another; None where there is none."""

    before: Layer | None
    after: Layer | None

    @property
    def changes(self) -> dict[str, tuple[float | None, float | None]]:
        """The numbers that differ, with both values; none where a layer was added or removed."""
        if self.before is None or self.after is None:
            return {}
        pairs = {name: (getattr(self.before, name), getattr(self.after, name)) for name in FIELDS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def is_equal(self) -> bool:
        """Whether the layer is the same in both, whatever its name is."""
        return self.before is not None and self.after is not None and not self.changes


def aligned(before: Sequence[Layer], after: Sequence[Layer]) -> list[Pair]:
    """Return the layers of two codecs in pairs, stage by stage.

    Only layers of one kind stand in a pair. Of all such alignments that keep the order, it is one
    with the fewest layers that stand alone, then the fewest numbers that differ, and then the
    fewest names.
    """
    found: list[Pair] = []
    for stage in dict.fromkeys((each.side, each.stage) for each in (*before, *after)):
        sides = ([each for each in c if (each.side, each.stage) == stage] for c in (before, after))
        found += _stage(*sides)
    return found


def _stage(before: list[Layer], after: list[Layer]) -> Iterator[Pair]:
    start = _equal_at_start(before, after)
    end = _equal_at_start(before[start:][::-1], after[start:][::-1])
    yield from map(Pair, before[:start], after[:start])
    yield from _middle(before[start : len(before) - end], after[start : len(after) - end])
    yield from map(Pair, before[len(before) - end :], after[len(after) - end :])


def _equal_at_start(before: Sequence[Layer], after: Sequence[Layer]) -> int:
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: _price(*pair) == 0, pairs))


def _middle(before: list[Layer], after: list[Layer]) -> list[Pair]:
    if len(before) * len(after) > MOST_PAIRS:
        return list(_by_position(before, after))
    prices = _prices(before, after)
    pairs: list[Pair] = []
    i, j = len(before), len(after)
    while i or j:
        if i and j and prices[i][j] == prices[i - 1][j - 1] + _price(before[i - 1], after[j - 1]):
            i, j = i - 1, j - 1
            pairs.append(Pair(before[i], after[j]))
        elif j and prices[i][j] == prices[i][j - 1] + GAP:
            j -= 1
            pairs.append(Pair(None, after[j]))
        else:
            i -= 1
            pairs.append(Pair(before[i], None))
    return pairs[::-1]


def _prices(before: Sequence[Layer], after: Sequence[Layer]) -> list[list[float]]:
    """Return the least price of aligning the first layers of both, for all two numbers of them."""
    prices = [[GAP * j for j in range(len(after) + 1)]]
    for i, old in enumerate(before):
        row = [GAP * (i + 1)]
        for j, new in enumerate(after):
            alone = min(prices[i][j + 1], row[j]) + GAP
            row.append(min(alone, prices[i][j] + _price(old, new)))
        prices.append(row)
    return prices


def _price(before: Layer, after: Layer) -> float:
    """Return the price of a pair: without bound for two kinds, else the share that differs."""
    if before.op != after.op:
        return float("inf")
    price = len(Pair(before, after).changes) / (2 * len(FIELDS))
    return price if before.name == after.name else price + OTHER_NAME


def _by_position(before: Sequence[Layer], after: Sequence[Layer]) -> Iterator[Pair]:
    for old, new in zip_longest(before, after):
        if old is not None and new is not None and old.op != new.op:
            yield from (Pair(old, None), Pair(None, new))
        else:
            yield Pair(old, new)
