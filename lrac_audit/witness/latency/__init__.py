"""Measure the delay of a real module by two bounds, and attribute it to layers.

See ``docs/latency.md``.
"""

from lrac_audit.witness.latency.measured_latency import Attribution, MeasuredLatency, SideLatency
from lrac_audit.witness.latency.measurement import measure

__all__ = ["Attribution", "MeasuredLatency", "SideLatency", "measure"]
