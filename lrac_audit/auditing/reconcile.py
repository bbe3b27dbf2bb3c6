"""Reconcile a published figure with a ledger: find single-layer edits that explain their gap.

An edit leaves a layer out or gives it another kernel. The search is exact: everything is counted
per frame in whole numbers, and a figure stands for the interval of values that print as it does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction
from heapq import nsmallest
from typing import NamedTuple

from lrac_audit.auditing.printed_figure import PublishedFigure
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.row import MAC_KINDS, Ledger, Row
from lrac_audit.ledger.totals import PARTS, Part, Totals, part_of

SMALLEST_KERNEL_RANGE = 32
"""Kernels are tried up to this many taps, or the largest of the codec where that is more."""
SHOWN_PAIRS = 3


class Edit(NamedTuple):
    """One layer left out (``kernel`` 0) or with another kernel."""

    row: Row
    kernel: int
    price_per_frame: int
    """Price that the edit adds to the total, mostly negative."""

    @property
    def taps(self) -> int:
        """How many taps the edit adds or takes away."""
        return abs(self.kernel - self.row.geometry.kernel)

    def __str__(self) -> str:
        old = self.row.geometry.kernel
        return "left out" if self.kernel == 0 else f"kernel {old} to {self.kernel}"


class Reconciliation(NamedTuple):
    """The edits that explain a published figure."""

    recomputed: Fraction
    """The ledger's own figure, in millions per second."""
    singles: list[Edit]
    """Edits of one layer that explain the figure, the smallest first."""
    pair_count: int
    """How many pairs of edits of two layers explain it."""
    pairs: list[tuple[Edit, Edit]]
    """A few of these, the ones that change the fewest taps."""
    largest_kernel: int
    """Kernels were tried from 1 tap to this many."""
    agrees: bool
    """True when the ledger already prints as the figure, and there is no gap to explain."""


def reconcile(
    ledger: Ledger, convention: Convention, part: Part, published: PublishedFigure
) -> Reconciliation:
    """Return every edit of one layer of ``part`` that turns the ledger's figure into ``published``.

    Edits that would break the layer (a kernel shorter than the stride) are not tried. Pairs of
    edits are counted over the same range.
    """
    price = Totals(ledger).cost(part, convention).price_per_frame
    per_second = Fraction(ledger.sample_rate_hz, ledger.hop_samples * 1_000_000)
    recomputed = price * per_second
    lowest, highest = (
        bound / per_second - price for bound in (published.lowest, published.highest)
    )
    rows = [row for row in ledger.rows if part_of(row) in PARTS[part]]
    largest = max([SMALLEST_KERNEL_RANGE, *(row.geometry.kernel for row in rows)])
    edits = [edit for row in rows for edit in _edits(row, convention, largest)]
    agrees = published.agrees_with(recomputed)
    if agrees:
        return Reconciliation(recomputed, [], 0, [], largest, agrees)
    singles = [edit for edit in edits if lowest <= edit.price_per_frame <= highest]
    singles.sort(key=lambda edit: edit.taps)
    count, pairs = _pairs(edits, lowest, highest)
    return Reconciliation(recomputed, singles, count, pairs, largest, agrees)


def _edits(row: Row, convention: Convention, largest_kernel: int) -> list[Edit]:
    price = convention.price(row.work)
    if price == 0:
        return []
    edits = [Edit(row, 0, -price)]
    if row.op in ("conv", "transposed_conv"):
        macs = {kind: n for kind, n in row.work.items() if kind in MAC_KINDS}
        old = row.geometry.kernel
        per_tap = convention.price(macs) // old
        for kernel in range(1, largest_kernel + 1):
            reach = (kernel - 1) * row.geometry.dilation + 1
            if kernel != old and reach >= row.geometry.stride:
                edits.append(Edit(row, kernel, (kernel - old) * per_tap))
    return edits


def _pairs(
    edits: list[Edit], lowest: Fraction, highest: Fraction
) -> tuple[int, list[tuple[Edit, Edit]]]:
    ordered = sorted(edits, key=lambda edit: edit.price_per_frame)
    prices = [edit.price_per_frame for edit in ordered]
    found: list[tuple[Edit, Edit]] = []
    for i, first in enumerate(ordered):
        start = bisect_left(prices, lowest - first.price_per_frame, lo=i + 1)
        stop = bisect_right(prices, highest - first.price_per_frame, lo=i + 1)
        found += [(first, edit) for edit in ordered[start:stop] if edit.row is not first.row]
    return len(found), nsmallest(SHOWN_PAIRS, found, key=lambda pair: pair[0].taps + pair[1].taps)
