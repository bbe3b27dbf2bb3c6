"""Recurrent layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference_models.export.operations.operation import WithMemory


@dataclass(frozen=True, kw_only=True)
class Recur(WithMemory):
    """Write the hidden vectors of one recurrent layer, step by step.

    It keeps the hidden vector ``[1, H]``, of an LSTM also the cell. Rows before the first ``valid``
    one leave the state at zero. Constants: ``weight_ih [G H, C]``, ``weight_hh [G H, H]``,
    ``bias_ih [G H]`` and ``bias_hh [G H]`` with torch's order of gates.
    """

    kind: Literal["lstm", "gru"]
