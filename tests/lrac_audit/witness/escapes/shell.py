"""The codec around each case: a convolution, and then what the case does with its output.

All cases run at 1 kHz with a hop of 4 samples. ``first`` has 3 taps: 3 x 4 = 12 MACs per hop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lrac_audit import audit
from lrac_audit.auditing.audit import Audit
from lrac_audit.limits.limit_set import LimitSet

HOP = 4
FIRST = 3 * HOP
LIMITS = LimitSet(name="generous", source="this test", convention="lrac-2025", overall_mflops=1)


class Shell(nn.Module):
    sample_rate, hop_length = 1000, HOP

    def __init__(self, work: Callable[[Any, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv1d(1, 1, 3, padding=1)
        self.second = nn.Conv1d(1, 1, 5, padding=2)
        self.register_buffer("length", torch.tensor(3))
        self.register_buffer("flag", torch.tensor(True))
        self.register_buffer("taps", torch.tensor([0.5, 0.25, 0.125]))
        self.work = work

    def forward(self, audio: Tensor) -> Tensor:
        return self.work(self, self.first(audio))


class Case(NamedTuple):
    """A way to do something with a tensor ``x`` of the signal, ``[1, 1, T]``."""

    work: Callable[[Any, Tensor], Tensor]
    macs: int = 0
    """Multiply-accumulates per hop, besides those of ``first``."""
    reason: str = ""
    """A pattern of the reason why the audit is incomplete."""

    @property
    def name(self) -> str:
        return self.work.__name__


def audited(case: Case) -> Audit:
    return audit(Shell(case.work).eval(), limits=LIMITS)


def problems(found: Audit) -> list[str]:
    return [row.problem for row in found.ledger.rows if row.problem]
