"""The band of WMOPS that annotated C took for neural codecs, beside the estimate by operators.

Ratios of the WMOPS of annotated C to the MACs of the same frame, of Descript codecs of several
widths; they fall with size. Source: 3GPP SA4, S4-260158, from a summary.
"""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.totals import Part, Totals


class Band(NamedTuple):
    """The lowest and the highest of a figure."""

    low: float
    high: float


WMOPS_PER_MAC: dict[Part, Band] = {"encoder": Band(1.20, 1.73), "decoder": Band(2.65, 3.13)}
"""By the part of a codec that was measured."""


def wmops_band(ledger: Ledger, totals: Totals, part: Part) -> Band:
    """Return the WMOPS of ``part`` by the published ratios, from its MACs."""
    ratio, macs = WMOPS_PER_MAC[part], totals.cost(part, CONVENTIONS["macs"])
    millions = ledger.millions_per_second(macs.macs_per_frame)
    return Band(ratio.low * millions, ratio.high * millions)
