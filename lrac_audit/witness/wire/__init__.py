"""The wire between the two sides of a codec: what goes over it, and that nothing goes round it."""

from lrac_audit.witness.wire.observation import observe

__all__ = ["observe"]
