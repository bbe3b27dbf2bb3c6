"""The operator trace: a counter on torch's dispatcher that sees whatever a module computes."""

from lrac_audit.witness.trace.operator_trace import Trace, measure

__all__ = ["Trace", "measure"]
