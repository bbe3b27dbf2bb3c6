"""fvcore as a second count by an independent mechanism, with its gaps filled.

It counts on a graph that torch's TorchScript tracer records from one real run. What it calls flops
are multiply-accumulates. By itself it does not know recurrent layers, fused attention and
distances, adds norms to its sums, rounds the numbers that it parses for einsum, and drops results
that nobody uses. Here it gets handlers for what it does not know, ignores what multiplies nothing,
and is shown the result of every module, so that nothing it should count is dropped.
"""

from lrac_audit.witness.fvcore.counter import FvcoreCount, measure

__all__ = ["FvcoreCount", "measure"]
