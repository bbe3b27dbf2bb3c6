"""Limit sets, and the verdict of a ledger against one."""

from lrac_audit.limits.check import Check
from lrac_audit.limits.limit_set import LimitSet, load_limits
from lrac_audit.limits.verdict import Verdict, judge

__all__ = ["Check", "LimitSet", "Verdict", "judge", "load_limits"]
