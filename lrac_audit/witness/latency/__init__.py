"""The latency probe: how far ahead a real module looks, and which of its layers is to blame.

See ``docs/latency.md``.
"""

from lrac_audit.witness.latency.measured_latency import Blame, MeasuredLatency, SideLatency
from lrac_audit.witness.latency.probe import measure

__all__ = ["Blame", "MeasuredLatency", "SideLatency", "measure"]
