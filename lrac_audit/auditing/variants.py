"""The ledgers of one design in every form of its quantizer and every bitrate mode."""

from __future__ import annotations

from typing import NamedTuple

from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.conventions import Convention
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import Ledger, RvqForm, Side
from lrac_audit.ledger.totals import Part, Totals
from lrac_audit.ledger.walk import walk


class CountedLedger(NamedTuple):
    """A ledger and its totals."""

    ledger: Ledger
    totals: Totals

    def mflops(self, part: Part, convention: Convention) -> float:
        """Return the cost of ``part`` in millions of the convention's unit per second."""
        price = self.totals.cost(part, convention).price_per_frame
        return self.ledger.millions_per_second(price)


class Absorption(NamedTuple):
    """The operations that folding the output projections into tables saves, and its memory."""

    transmit_mflops_saved: float
    receive_mflops_saved: float
    transmit_values_added: int
    receive_values_added: int


class Variants:
    """Ledgers of ``design``, each walked once and kept."""

    def __init__(self, design: CodecDesign) -> None:
        self.design = design
        self._counted: dict[tuple[RvqForm, int], CountedLedger] = {}

    def counted(self, form: RvqForm, active_layers: int) -> CountedLedger:
        """Return the ledger with the quantizer in ``form`` and ``active_layers`` of it on."""
        key = form, active_layers
        if key not in self._counted:
            ledger = walk(self.design, form, active_layers)
            self._counted[key] = CountedLedger(ledger, Totals(ledger))
        return self._counted[key]

    def absorption(self, active_layers: int, convention: Convention) -> Absorption | None:
        """Return the savings and the memory of absorption; None for a codec that has none."""
        if not self.design.has_absorbed_form:
            return None
        projected = self.counted("projected", active_layers)
        absorbed = self.counted("absorbed", active_layers)

        def saved(part: Part) -> float:
            prices = [
                counted.totals.cost(part, convention).price_per_frame
                for counted in (projected, absorbed)
            ]
            return projected.ledger.millions_per_second(prices[0] - prices[1])

        def added(side: Side) -> int:
            stored = [
                memory(counted.ledger, side).total_stored_values
                for counted in (absorbed, projected)
            ]
            return stored[0] - stored[1]

        return Absorption(
            saved("rvq_transmit"), saved("rvq_receive"), added("transmit"), added("receive")
        )
