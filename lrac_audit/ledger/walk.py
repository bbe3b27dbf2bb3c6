"""The walk from a design to its ledger: one row for each layer of the signal path.

The names of the rows are the paths of the modules of a model built from the design.
"""

from __future__ import annotations

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import Branch, Step
from lrac_audit.ledger.layers.parallel import side_by_side
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.quantizers import QUANTIZER_ROWS
from lrac_audit.ledger.row import Ledger, Mode, Row, RvqForm


def walk(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Ledger:
    """Return the ledger of ``design``, its quantizer in the form ``rvq`` with ``active_layers`` on.

    Raises:
        InputError: a layer is of a kind that has no cost formula.
    """
    path, quantizer = signal_path(design), design.quantizer
    quantizer_rows = QUANTIZER_ROWS.of(path.quantizer.path, quantizer)
    rows = (
        *_rows(path.encoder),
        *quantizer_rows(design, rvq, active_layers),
        *_rows(path.decoder),
    )
    return Ledger(
        name=design.name,
        sample_rate_hz=design.sample_rate_hz,
        hop_samples=design.hop_samples,
        mode=Mode(rvq, active_layers, design.bitrate_kbps(active_layers)),
        bitrates_kbps=tuple(design.bitrate_kbps(n) for n in quantizer.mode_layers),
        rows=rows,
    )


def _rows(coder: Step) -> list[Row]:
    """Return the rows of a layer or composite, whose branches run side by side."""
    if coder.inner is None:
        return [LAYER_ROWS.of(coder.path, coder.part)(coder)]
    found: list[Row] = []
    branches: list[list[Row]] = []
    for step in coder.inner:
        rows = _rows(step)
        if isinstance(step.part, Branch):
            branches.append(rows)
        else:
            found += [*side_by_side(branches), *rows] if branches else rows
    return found
