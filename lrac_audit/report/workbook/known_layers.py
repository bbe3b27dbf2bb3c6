"""Whether a sheet can calculate a design: it has a formula for every layer and the quantizer."""

from __future__ import annotations

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import Step
from lrac_audit.report.workbook.layer_formulas import LAYER_FORMULAS
from lrac_audit.report.workbook.placed_steps import HAS_OWN_WIDTHS
from lrac_audit.report.workbook.rvq_operations import QUANTIZER_OPERATIONS


def has_formulas(design: CodecDesign) -> bool:
    """Return whether every part of ``design`` has formulas in a sheet."""
    path = signal_path(design)
    return _repeats(design) and _is_known(path.encoder) and _is_known(path.decoder)


def _repeats(design: CodecDesign) -> bool:
    """Return whether each layer of the quantizer repeats the known operations at the same sizes."""
    quantizer = design.quantizer
    sizes = quantizer.index_sizes(quantizer.layers)
    return type(quantizer) in QUANTIZER_OPERATIONS and len(set(sizes)) == 1


def _is_known(step: Step) -> bool:
    if step.inner is None:
        return type(step.part) in LAYER_FORMULAS
    return type(step.part) in HAS_OWN_WIDTHS and all(map(_is_known, step.inner))
