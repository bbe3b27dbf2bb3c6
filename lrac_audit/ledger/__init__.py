"""What a codec costs: one row per operation, and the totals, delays and memory that follow."""

from lrac_audit.ledger.row import Ledger, Mode, Row
from lrac_audit.ledger.walk import walk

__all__ = ["Ledger", "Mode", "Row", "walk"]
