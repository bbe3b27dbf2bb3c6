"""Operations of branches beside each other."""

from __future__ import annotations

from lrac_audit.design.layers.parallel import Join, Parallel
from lrac_audit.design.steps import Step
from reference_models.export.layers.sums import delayed
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.pointwise import Add
from reference_models.export.operations.rows import Concatenate
from reference_models.export.signal import Signal


@LAYERS.add(Parallel)
def parallel(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower branches, each held back until the one that looks ahead farthest is ready."""
    *branches, join = step.inner or ()
    outputs = [builder.layer(branch, x) for branch in branches]
    lag = max(output.lag for output in outputs)
    held = [
        delayed(builder, join.path, f"{join.path}.held.{i}", output, lag)
        for i, output in enumerate(outputs)
    ]
    return _joined(builder, join.path, join.part, held)


def _joined(builder: Builder, path: str, part: Join, branches: list[Signal]) -> Signal:
    if part.kind == "concat":
        y = branches[0].of(path, sum(part.widths))
        reads = tuple(branch.name for branch in branches)
        return builder.write(Concatenate(row=path, reads=reads, writes=path), y)
    total = branches[-1]  # the last two are added first, as in the model
    for i, branch in reversed(list(enumerate(branches[:-1]))):
        y = branch.of(f"{path}.sum.{i}")
        total = builder.write(Add(row=path, reads=(branch.name, total.name), writes=y.name), y)
    return total
