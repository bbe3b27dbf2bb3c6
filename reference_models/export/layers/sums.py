"""Operations of skip paths and of branches that are added or laid side by side."""

from __future__ import annotations

from lrac_audit.design import parts
from lrac_audit.design.layers.convnext import ConvNext
from lrac_audit.design.layers.residual import Residual
from lrac_audit.design.layers.transformer import SkippedPart
from lrac_audit.design.steps import LstmStack, SkipConv, Step, Sum
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.operations.pointwise import Add
from reference_models.export.operations.rows import Delay
from reference_models.export.program import State
from reference_models.export.signal import Signal


@LAYERS.add(parts.ResidualUnit, Residual, ConvNext, SkippedPart, LstmStack)
def skipped(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower layers and the path around them, which waits as long as they look ahead."""
    skip = branch = x
    for inner in step.inner or ():
        if isinstance(inner.part, SkipConv):
            skip = builder.layer(inner, x)
        elif isinstance(inner.part, Sum):
            return added(builder, inner.path, skip, branch)
        else:
            branch = builder.layer(inner, branch)
    raise ValueError(f"{step.path} has no sum")


def added(builder: Builder, path: str, skip: Signal, branch: Signal) -> Signal:
    """Return the sum of ``skip`` and a ``branch`` that is at least as late."""
    skip, y = delayed(builder, path, f"{path}.held", skip, branch.lag), branch.of(path)
    return builder.write(Add(row=path, reads=(skip.name, branch.name), writes=path), y)


def delayed(builder: Builder, row: str, name: str, x: Signal, lag: int) -> Signal:
    """Return ``x`` held back, by the operation ``row``, until it has that ``lag``."""
    if x.lag == lag:
        return x
    keeps = builder.state(name, State(lag - x.lag, x.columns, is_held=True))
    y = x.of(name)._replace(lag=lag)
    return builder.write(Delay(row=row, reads=(x.name,), writes=name, keeps=keeps), y)
