"""Registry of the kinds of limits, each of which has a module and a field of :class:`LimitSet`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lrac_audit.limits.bitrates import BITRATES
from lrac_audit.limits.bitstream import BITSTREAM
from lrac_audit.limits.check import LimitKind
from lrac_audit.limits.complexity import OVERALL, OVERALL_MACS, RECEIVE
from lrac_audit.limits.frame_length import FRAME_LENGTH
from lrac_audit.limits.limit_set import BOUNDS
from lrac_audit.limits.memory_bytes import MEMORY
from lrac_audit.limits.sample_rate import SAMPLE_RATE, SAMPLE_RATES
from lrac_audit.limits.stored_values import PARAMETERS
from lrac_audit.limits.total_latency import TOTAL_LATENCY

_ALL = (
    OVERALL,
    RECEIVE,
    OVERALL_MACS,
    TOTAL_LATENCY,
    SAMPLE_RATE,
    SAMPLE_RATES,
    BITRATES,
    FRAME_LENGTH,
    PARAMETERS,
    *MEMORY,
)
LIMIT_KINDS: Mapping[str, LimitKind] = MappingProxyType({kind.id: kind for kind in _ALL})
"""By id, in the order in which reports show the checks."""

if LIMIT_KINDS.keys() != set(BOUNDS):
    raise TypeError(f"limits {sorted(BOUNDS)} and kinds of limits {sorted(LIMIT_KINDS)} differ")

CHECK_KINDS: Mapping[str, LimitKind] = MappingProxyType({**LIMIT_KINDS, BITSTREAM.id: BITSTREAM})
"""All kinds of checks: those of limits, and that of what the codec itself declares."""
