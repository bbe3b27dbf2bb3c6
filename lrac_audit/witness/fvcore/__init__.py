"""fvcore as a second fvcore_count: a counter by others, on another mechanism, its gaps filled.

It counts on a graph that torch's tracer for TorchScript records from one real run. What it calls
flops are multiply-accumulates. Left alone it knows no recurrent layer, no fused attention and no
distances, mixes norms into its sums, parses rounded numbers of einsum, and drops what nobody uses;
here it gets handlers for the first, ignores what multiplies nothing, and is shown the result of
every module, so that nothing it should count is dead.
"""

from lrac_audit.witness.fvcore.counter import FvcoreCount, measure

__all__ = ["FvcoreCount", "measure"]
