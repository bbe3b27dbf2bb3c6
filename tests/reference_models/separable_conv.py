"""A kind of layer that the packages do not know: everything about it stands in this one file.

A separable convolution runs a depthwise convolution of ``kernel`` taps, then a pointwise one to
``channels``. It may stand wherever a design takes an ``EdgeConv``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import nn

from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.layer_checks import CHECKS
from lrac_audit.design.parts import EdgeConv
from lrac_audit.design.sheet.layers import SHEET_LAYERS, SheetLayer
from lrac_audit.design.steps import Step
from lrac_audit.errors import Problem
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.row import Geometry, Kind, Row
from lrac_audit.report.workbook.layer_formulas import LAYER_FORMULAS, Formulas
from lrac_audit.report.workbook.placed_steps import PlacedStep
from reference_models.nn.conv import StreamingConv1d
from reference_models.nn.espnet_names import LAYER_PLACES, Place
from reference_models.nn.layer_modules import LAYER_MODULES
from reference_models.nn.seanet import Network


@dataclass(frozen=True, slots=True)
class SeparableConv(EdgeConv):
    """A causal depthwise convolution, then a pointwise one that sets the channels."""


def odd_kernel(step: Step) -> Sequence[Problem]:
    kernel = step.part.kernel
    return () if kernel % 2 else (Problem(f"{step.field}.kernel", str(kernel), "an odd kernel"),)


def row(step: Step) -> Row:
    part, runs, before, after = (
        step.part,
        step.runs_per_frame,
        step.channels_in,
        step.channels_out,
    )
    macs, biases = before * part.kernel + before * after, before + after
    return Row(
        name=step.path,
        side=step.side,
        stage=step.stage,
        op="separable_conv",
        geometry=Geometry(before, after, part.kernel),
        runs_per_frame=runs,
        work={Kind.CONV: runs * macs, Kind.BIAS: runs * biases},
        stored_values=macs + biases,
        past_samples=(part.kernel - 1) * step.samples_per_step,
        delay_samples=0,
        state_values=(part.kernel - 1) * before,
    )


def module(step: Step) -> nn.Module:
    before, after = step.channels_in, step.channels_out
    depthwise = StreamingConv1d(before, before, step.part.kernel, groups=before)
    return Network({"depthwise": depthwise, "pointwise": StreamingConv1d(before, after, 1)})


def places(step: Step, theirs: str) -> Iterator[Place]:
    for name in ("depthwise", "pointwise"):
        yield Place(f"{step.path}.{name}", f"{theirs}.{name}")


def formulas(placed: PlacedStep) -> Formulas:
    macs = "({channels_in}*{kernel}+{channels_in}*{channels})"
    biases = "({channels_in}+{channels})"
    runs = "hop_samples/{step}"
    return {
        "rate": "=sample_rate_hz/{step}",
        "macs": f"={runs}*{macs}",
        "cost": f"={{macs}}*price_conv+{runs}*{biases}*price_bias",
        "parameters": f"={macs}+{biases}",
        "past": "=({kernel}-1)*{step}",
        "delay": "=0",
        "state": "=({kernel}-1)*{channels_in}",
    }


ENTRIES: list[tuple[KindRegistry, object]] = [
    (CHECKS, odd_kernel),
    (LAYER_ROWS, row),
    (LAYER_MODULES, module),
    (LAYER_PLACES, places),
    (SHEET_LAYERS, SheetLayer("separable_conv", ("channels", "kernel"))),
    (LAYER_FORMULAS, formulas),
]


def register() -> None:
    for registry, entry in ENTRIES:
        registry.add(SeparableConv)(entry)
