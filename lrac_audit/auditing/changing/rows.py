"""Fields of a design that a row of its ledger comes from."""

from __future__ import annotations

from collections.abc import Sequence

from lrac_audit.auditing.changing.consistent import Fields
from lrac_audit.design.addresses import Address


def fields_of_rows(fields: Fields, row: str, names: Sequence[str]) -> list[Address]:
    """Return the fields called one of ``names`` of the part that the row called ``row`` is of.

    The row of a part that has several, such as the depthwise convolution of a ConvNeXt block,
    stands below that part.
    """
    parts: Address = tuple(int(part) if part.isdigit() else part for part in row.split("."))
    for length in range(len(parts), 0, -1):
        found = [at for name in names if (at := (*parts[:length], name)) in fields.values]
        if found:
            return found
    return []
