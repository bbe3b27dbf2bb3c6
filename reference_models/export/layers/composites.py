"""Composites whose layers run one after another."""

from __future__ import annotations

from lrac_audit.design import parts
from lrac_audit.design.layers.transformer import Transformer
from lrac_audit.design.steps import Branch, Step
from reference_models.export.lowering import LAYERS, Builder
from reference_models.export.signal import Signal


@LAYERS.add(parts.EncoderBlock, parts.DecoderBlock, Branch, Transformer)
def in_order(builder: Builder, step: Step, x: Signal) -> Signal:
    """Lower a block, a branch, or the parts of transformer layers."""
    return builder.steps(step, x)
