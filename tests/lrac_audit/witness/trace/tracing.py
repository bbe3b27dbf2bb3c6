"""Targets around single functions, for tests of the trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lrac_audit.ledger.row import MAC_KINDS, Row
from lrac_audit.witness.target import AuditTarget, TargetMode
from lrac_audit.witness.trace import Trace, measure

Function = Callable[[Any], Any]


def target_of(
    root: nn.Module, transmit: Function, channels: int = 1, hop: int = 1, **others: Any
) -> AuditTarget:
    return AuditTarget("test", root, 1000, hop, transmit, audio_channels=channels, **others)


def traced(
    root: nn.Module, transmit: Function | None = None, channels: int = 1, hop: int = 1
) -> Trace:
    """A module, or a function over it, on audio ``[1, channels, T]``."""
    return measure(target_of(root, transmit or root, channels, hop), None)


def searched(root: nn.Module, quantise: Function, width: int) -> tuple[Row, ...]:
    """The rows of a quantizer of latents ``[1, width, F]``, one per hop."""
    mode = TargetMode(1.0, quantise, lambda codes: torch.zeros(1, width, codes.shape[-1]))
    target = AuditTarget(
        "test", root, 1000, 1, lambda x: x, lambda z: z, (mode,), audio_channels=width
    )
    found = measure(target, mode)
    assert not found.problems
    return tuple(row for row in found.rows if row.stage == "rvq" and row.side == "transmit")


def macs(rows: tuple[Row, ...]) -> int:
    assert not [row.problem for row in rows if row.problem]
    return sum(row.macs_per_frame for row in rows)


def macs_by_name(rows: tuple[Row, ...]) -> dict[str, dict[str, int]]:
    """Kinds that multiply and accumulate, of the rows that have any."""
    found = {}
    for row in rows:
        work = {kind: n for kind, n in row.work.items() if kind in MAC_KINDS}
        if work:
            found[row.name] = work
    return found


def as_frames(x: Tensor) -> Tensor:
    """``[1, C, T]`` to ``[1, T, C]``."""
    return x.transpose(1, 2)
