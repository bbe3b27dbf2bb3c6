"""Defaults of the options of a search."""

from __future__ import annotations

MAX_DESIGNS = 10_000_000
"""The largest space that is decided exactly."""
TRIALS = 2_000
"""The designs that a search by evolution audits."""
