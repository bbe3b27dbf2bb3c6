"""Measure, prove and gate the complexity and latency of low-resource neural audio codecs.

>>> import lrac_audit
>>> lrac_audit.audit("track1").verdict.status
'pass'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit, audit
    from lrac_audit.design.parts import CodecDesign

__version__ = "0.1.0"
__all__ = ["Audit", "CodecDesign", "InputError", "Problem", "__version__", "audit"]

_LAZY = {
    "Audit": "lrac_audit.auditing.audit",
    "audit": "lrac_audit.auditing.audit",
    "CodecDesign": "lrac_audit.design.parts",
}


def __getattr__(name: str) -> Any:
    """Import the interface on first use, so that ``import lrac_audit`` stays instant."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
