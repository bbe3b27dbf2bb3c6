"""The registries of modules: one entry for each kind of layer, composite and quantizer."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from lrac_audit.design import parts
from lrac_audit.design.kind_registry import KindRegistry
from lrac_audit.design.steps import Step
from reference_models.nn.quantizer import TrainableQuantizer

LAYER_MODULES: KindRegistry[Callable[[Step], nn.Module]] = KindRegistry("module")
"""The module of each kind of layer and composite."""
QUANTIZER_MODULES: KindRegistry[Callable[[parts.CodecDesign], TrainableQuantizer]] = KindRegistry(
    "module"
)
"""The module of each kind of quantizer, in its trained form with its codebooks empty."""


def build_layer(step: Step) -> nn.Module:
    """Return the module of one step of the signal path."""
    return LAYER_MODULES.of(step.path, step.part)(step)


def build_inner(step: Step) -> dict[str, nn.Module]:
    """Return the modules inside a composite, by their names in it."""
    outer = f"{step.path}."
    return {inner.path.removeprefix(outer): build_layer(inner) for inner in step.inner or ()}
