"""Sums of products, and what an addition or a sum over axes makes of them.

What is kept of each sum is a set of chains. A chain is a product and those that went into it,
latest first: in ``((x * w) * gain).sum()`` the gain may repeat where the weights do not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

from torch import Tensor

from lrac_audit.witness.trace.layouts import EVERYWHERE, expanded
from lrac_audit.witness.trace.products import Product

LONGEST_CHAIN = 4
MOST_CHAINS = 32
"""Chains that are kept of an addition: a recursion over time adds to itself without end."""
FEWEST_DOTS = 3
MOST_WRITTEN = 128
"""Chains that are kept of what is written into a tensor piece by piece."""

Chain = tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class ProductSum:
    """A sum of products."""

    chains: tuple[Chain, ...]
    pure: bool = True
    """Whether it is a sum of products and constants, and of nothing else."""
    is_recursive: bool = False
    """Whether it is the sum of a recursive filter (:mod:`lrac_audit.witness.trace.recursions`)."""
    is_whole: bool = False
    """Whether it is the result of an addition, and no part of one."""

    def changed(self, change: Callable[[Tensor], Tensor]) -> ProductSum:
        """Return the same sum with other layouts."""
        layouts: dict[int, Tensor] = {}

        def once(layout: Tensor) -> Tensor:
            found = layouts.get(id(layout))
            if found is None:
                found = layouts[id(layout)] = change(layout)
            return found

        products = {id(each): each for chain in self.chains for each in chain}
        changed = {key: each.changed(once) for key, each in products.items()}
        if all(changed[key] is each for key, each in products.items()):
            return self
        chains = tuple([tuple([changed[id(each)] for each in c]) for c in self.chains])
        return replace(self, chains=chains)

    def broadcast(self, shape: Sequence[int], before: Sequence[int]) -> ProductSum:
        """Return the same sum broadcast from one shape to another."""
        if tuple(shape) == tuple(before):
            return self
        return self.changed(lambda layout: expanded(layout, shape))

    def fitted(self, shape: Sequence[int]) -> ProductSum:
        """Return the same sum for a tensor into which it was written piece by piece.

        The factors of a part of another shape are taken to vary along all axes.
        """
        fitted = replace(self, chains=distinct(self.chains)[-MOST_WRITTEN:])
        return fitted.changed(lambda layout: layout if layout.shape == shape else EVERYWHERE)

    def times(self, product: Product | None) -> ProductSum:
        """Return the same sum multiplied by something."""
        if product is None:
            return self
        chains = tuple((product, *chain)[:LONGEST_CHAIN] for chain in self.chains)
        return ProductSum(chains, self.pure)

    def accumulated(self, axes: Sequence[int]) -> list[Product]:
        """Return the products that a sum over ``axes`` makes multiply-accumulates of."""
        return self._first_of_each(lambda product: product.accumulates(axes))

    def overlapped(self, axis: int | None, rank: int) -> list[Product]:
        """Return the products that become multiply-accumulates where values are added overlapping.

        See :meth:`lrac_audit.witness.trace.products.Product.accumulates_overlapped`.
        """
        return self._first_of_each(lambda product: product.accumulates_overlapped(axis, rank))

    def parts_beside(self, other: ProductSum) -> list[Product]:
        """Return the products of which a part is the latest in both sums."""
        latest = {chain[0].index for chain in other.chains}
        found = (chain[0] for chain in self.chains if chain[0].index in latest)
        return [product for product in found if product.accumulates_in_parts]

    def _first_of_each(self, is_found: Callable[[Product], bool]) -> list[Product]:
        """Return the latest product of each chain for which ``is_found`` holds."""
        found = (next(filter(is_found, chain), None) for chain in self.chains)
        return list({each.index: each for each in found if each is not None}.values())


def distinct(chains: Sequence[Chain]) -> tuple[Chain, ...]:
    """Return the chains without those of the same records as a later one."""
    return tuple({(c[0].index, c[-1].index): c for c in chains}.values())


def product_sum(product: Product | None, given: Sequence[ProductSum | None]) -> ProductSum | None:
    """Return ``product`` as a sum, in whose chains are the sums that went into its factors."""
    sums = [each for each in given if each is not None]
    if not sums:
        return None if product is None else ProductSum(((product,),))
    chains = tuple(chain for each in sums for chain in each.chains)
    return ProductSum(chains, all(each.pure for each in sums)).times(product)


class Addition(NamedTuple):
    """Two sums added to each other."""

    total: ProductSum
    taps: list[Product]
    """Products that the addition shows to be multiply-accumulates."""
    gains: Sequence[Product] = ()
    """Products that it shows to be such if the same values are multiplied with other factors."""

    def told_apart(self, axes: Collection[int]) -> Addition:
        """Return the same addition into a part of a clip, which is a part of it along ``axes``.

        Frames with a gain, which are added where they overlap, look like a filter there; but a
        filter multiplies the same values with each of its taps, whether one after another or, as a
        transposed convolution does, along ``axes``.
        """
        if any(tap.fans_out_along(axes) for tap in self.taps) or not _are_frames(self.taps):
            return self
        return self._replace(taps=[], gains=self.taps)


def added(first: ProductSum | None, second: ProductSum | None, pure: bool) -> Addition | None:
    """Add two sums of products; ``pure`` if what has no products in it is constant.

    None where neither has any.
    """
    if first is None or second is None:
        only = first or second
        if only is None:
            return None
        return Addition(replace(only, pure=only.pure and pure, is_whole=True), [])
    pure = first.pure and second.pure
    chains = distinct((*first.chains, *second.chains))
    is_recursive = first.is_recursive or second.is_recursive
    total = ProductSum(chains[-MOST_CHAINS:], pure, is_recursive, is_whole=True)
    return Addition(total, _taps(first, second, pure))


def _taps(first: ProductSum, second: ProductSum, pure: bool) -> list[Product]:
    """Return the products that are taps of one filter, one of each chain at most.

    If any are, a product with a number is one too: it is the recursive part of a filter, as is a
    tap on the sum that holds them. Three products of two signals' pieces are a dot product; two are
    a product of complex numbers.
    """
    found = [*_taps_beside(first, second, pure), *_taps_beside(second, first, pure)]
    if found:
        found += [c[0] for c in (*first.chains, *second.chains) if c[0].is_scaled_by_number]
    dots = [*_dots_beside(first, second), *_dots_beside(second, first)]
    return found + dots if len(dots) >= FEWEST_DOTS else found


def _are_frames(taps: Sequence[Product]) -> bool:
    """Return whether all are gains of pieces that have no value in common."""
    if not taps or any(tap.tap is None for tap in taps):
        return False
    signals = list({tap.signal.piece: tap.signal for tap in taps}.values())
    return all(
        one.is_apart_from(other)
        for one, other in combinations(signals, 2)
        if one.is_other_piece(other)
    )


def _dots_beside(mine: ProductSum, other: ProductSum) -> list[Product]:
    latest = [chain[0] for chain in other.chains]
    return [c[0] for c in mine.chains if any(c[0].is_dot_with(each) for each in latest)]


class _Place(NamedTuple):
    """A product in a chain, and what multiplied it last."""

    product: Product
    head: Product
    """The latest product of its chain, which may be itself."""

    @property
    def is_latest(self) -> bool:
        return self.product is self.head

    @property
    def key(self) -> tuple[int, int]:
        """The records of both; chains of one recursion share most of them."""
        return self.product.index, self.head.index


def _places(chains: Sequence[Chain]) -> list[_Place]:
    """Return the products of chains, those of the same records once."""
    found = (_Place(product, chain[0]) for chain in chains for product in chain)
    return list({place.key: place for place in found}.values())


def _taps_beside(mine: ProductSum, other: ProductSum, pure: bool) -> list[Product]:
    beside = _places(other.chains[-MOST_CHAINS:])
    chains = mine.chains[-MOST_CHAINS:]
    are_taps = {
        place.key: any(_are_taps(place, each, pure) for each in beside) for place in _places(chains)
    }
    found = []
    for chain in chains:
        for at, product in enumerate(chain):
            if are_taps[product.index, chain[0].index]:
                found += [*(each for each in chain[:at] if each.tap is not None), product]
                break
    return found


def _are_taps(mine: _Place, other: _Place, pure: bool) -> bool:
    """Return whether two products are taps of one filter.

    In a recursive filter one of them was multiplied again, since it is part of a past output.
    """
    if mine.is_latest != other.is_latest:
        again = other.head if mine.is_latest else mine.head
        if again.may_feed_back and mine.product.is_same_tap_as(other.product):
            return True
    return mine.product.is_filter_with(other.product, pure)
