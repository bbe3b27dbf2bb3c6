"""Delay by dependency: which input steps each element of each tensor can depend on.

One traced run propagates the latest and the earliest input step through every operator. The result
is an upper bound: it may name a step that never matters, and never misses one that does.
"""

import lrac_audit.witness.dependency.rules  # noqa: F401 (registers the rules)
from lrac_audit.witness.dependency.operations import DependencyTrace, Operation, ancestors
from lrac_audit.witness.dependency.shapes import NeedsValues
from lrac_audit.witness.dependency.steps import NO_DEPENDENCE
from lrac_audit.witness.dependency.tracing import trace_dependency

__all__ = [
    "NO_DEPENDENCE",
    "DependencyTrace",
    "NeedsValues",
    "Operation",
    "ancestors",
    "trace_dependency",
]
