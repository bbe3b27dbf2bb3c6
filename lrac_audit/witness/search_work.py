"""The work of a codebook search, in which products and sums count as parts of it."""

from __future__ import annotations

from collections.abc import Mapping

from lrac_audit.ledger.row import MAC_KINDS, Kind

KIND_IN_SEARCH = {
    **dict.fromkeys(MAC_KINDS, Kind.CODEBOOK_SEARCH),
    Kind.BIAS: Kind.SEARCH_NORM,
    Kind.RESIDUAL_ADD: Kind.SEARCH_NORM,
    Kind.POINTWISE: Kind.SEARCH_NORM,
}


def as_search(work: Mapping[str, int]) -> dict[str, int]:
    """Return the kinds that the work of products and of what follows them has in a search."""
    found: dict[str, int] = {}
    for kind, n in work.items():
        now = KIND_IN_SEARCH.get(kind, kind)
        found[now] = found.get(now, 0) + n
    return found
