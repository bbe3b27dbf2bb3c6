"""The walk from a design to its ledger: one row for each layer of the signal path.

The names of the rows are the paths of the modules of a model built from the design.
"""

from __future__ import annotations

from collections.abc import Iterable

from lrac_audit.design.layers.parallel import Parallel
from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.path import signal_path
from lrac_audit.design.steps import Step
from lrac_audit.ledger.layers.parallel import side_by_side
from lrac_audit.ledger.operations import LAYER_ROWS
from lrac_audit.ledger.quantizers.flows import Running
from lrac_audit.ledger.quantizers.rows import QUANTIZER_ROWS
from lrac_audit.ledger.row import Ledger, Mode, Row, RvqForm
from lrac_audit.ledger.scratch import LiveValues


def walk(design: CodecDesign, rvq: RvqForm, active_layers: int) -> Ledger:
    """Return the ledger of ``design``, its quantizer in the form ``rvq`` with ``active_layers`` on.

    Raises:
        InputError: a layer is of a kind that has no cost formula.
    """
    path, quantizer = signal_path(design), design.quantizer
    quantizer_rows = QUANTIZER_ROWS.of(path.quantizer.path, quantizer)
    rows = (
        *rows_of(path.encoder),
        *quantizer_rows(design, rvq, active_layers),
        *rows_of(path.decoder),
    )
    each_kbps = design.layers_kbps
    mode = Mode(None, None, None)
    if each_kbps:
        mode = Mode(rvq, active_layers, each_kbps[active_layers - 1])
    one_step = quantizer.frame_steps == 1
    return Ledger(
        name=design.name,
        sample_rate_hz=design.sample_rate_hz,
        hop_samples=design.hop_samples,
        mode=mode,
        bitrates_kbps=tuple([each_kbps[n - 1] for n in quantizer.mode_layers if n]),
        rows=rows,
        layers_kbps=each_kbps,
        step_samples=None if one_step else design.step_samples,
        live_values=LiveValues(Running(design, rvq, active_layers), rows),
    )


def rows_of(step: Step) -> list[Row]:
    """Return the rows of ``step``: its own, or those of all layers that a composite is made of.

    Raises:
        InputError: a layer is of a kind that has no cost formula.
    """
    found: list[Row] = []
    _collect((step,), found)
    return found


def _collect(steps: Iterable[Step], found: list[Row]) -> None:
    """Add the rows of ``steps`` and of those inside them to ``found``, in their order."""
    for step in steps:
        if step.inner is None:
            found.append(LAYER_ROWS.of(step.path, step.part)(step))
        elif isinstance(step.part, Parallel):
            *branches, join = step.inner
            found += side_by_side([rows_of(branch) for branch in branches])
            _collect((join,), found)
        else:
            _collect(step.inner, found)
