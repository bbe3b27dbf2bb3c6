"""Limit sets, and the verdict of a ledger against one."""

from lrac_audit.limits.limit_set import LimitSet, load_limits
from lrac_audit.limits.verdict import Check, Verdict, judge

__all__ = ["Check", "LimitSet", "Verdict", "judge", "load_limits"]
