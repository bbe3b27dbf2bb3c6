"""The ledger of a codec: one row per operation, with its totals, delays and memory."""

from lrac_audit.ledger import layers, quantizers
from lrac_audit.ledger.row import Ledger, Mode, Row
from lrac_audit.ledger.walk import walk

__all__ = ["Ledger", "Mode", "Row", "layers", "quantizers", "walk"]
