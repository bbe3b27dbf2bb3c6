"""Published figures, and how they compare with a ledger."""
