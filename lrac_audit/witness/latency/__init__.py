"""The latency probe: how far ahead a real module looks, and which layers add to that.

See ``docs/latency.md``.
"""

from lrac_audit.witness.latency.measured_latency import Attribution, MeasuredLatency, SideLatency
from lrac_audit.witness.latency.probe import measure

__all__ = ["Attribution", "MeasuredLatency", "SideLatency", "measure"]
