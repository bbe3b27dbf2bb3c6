"""Build a ledger from what the witnesses measured.

The trace gives the work of each row. Delays are attributed to modules: a module's delay goes to its
first row, or to a row of its own where the trace saw no work in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.ledger.data_dependence import DataDependence
from lrac_audit.ledger.row import Ledger, Mode, Row, Side
from lrac_audit.witness.context_rows import NOT_MEASURED, PAST, WHOLE_CLIP, context_row
from lrac_audit.witness.latency import MeasuredLatency, SideLatency
from lrac_audit.witness.target import AuditTarget, TargetMode


def build_ledger(
    target: AuditTarget,
    mode: TargetMode | None,
    rows: Iterable[Row],
    delay: MeasuredLatency,
    bitstream: Bitstream | None,
    data_dependence: DataDependence | None,
) -> Ledger:
    """Return the ledger of a measured codec in ``mode``."""
    divided = target.receive is not None
    kept = [
        row._replace(state_values=None, held_values=None, past_samples=0, delay_samples=0)
        for row in rows
    ]
    if not divided:
        kept = [row._replace(side="undivided", stage="undivided") for row in kept]
    first: Side = "transmit" if divided else "undivided"
    kept = _delayed(kept, first, delay.transmit)
    if delay.receive is not None:
        kept = _delayed(kept, "receive", delay.receive)
    if divided:
        kept.append(context_row(PAST, "transmit", past_samples=delay.past_samples))
        kept.append(context_row(PAST, "receive", past_samples=None))
    return Ledger(
        name=target.name,
        sample_rate_hz=target.sample_rate_hz,
        hop_samples=target.hop_samples,
        mode=Mode(
            None,
            None if mode is None else mode.active_layers,
            None if mode is None else mode.bitrate_kbps,
        ),
        bitrates_kbps=tuple(each.bitrate_kbps for each in target.modes),
        rows=tuple(kept),
        measured=True,
        step_samples=delay.buffering_samples,
        shown_latency_samples=delay.lower_total_samples,
        bitstream=bitstream,
        data_dependence=data_dependence,
    )


def _delayed(rows: list[Row], side: Side, delay: SideLatency) -> list[Row]:
    """Return ``rows`` with the delays that are attributed to modules on ``side``."""
    if delay.look_ahead_samples is None:
        name = WHOLE_CLIP if delay.whole_clip else NOT_MEASURED
        return [*rows, context_row(name, side, delay_samples=None)]
    found = list(rows)
    for module, added in delay.attribution:
        at = _row_of(found, side, module)
        if at is None:
            found.append(context_row(module, side, delay_samples=added))
        else:
            found[at] = found[at]._replace(delay_samples=(found[at].delay_samples or 0) + added)
    return found


def _row_of(rows: list[Row], side: Side, module: str) -> int | None:
    for at, row in enumerate(rows):
        if row.side == side and (row.name == module or row.name.startswith(f"{module}.")):
            return at
    return None
