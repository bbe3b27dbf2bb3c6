"""Tables of costs by layer, by block or by stage: MACs, cost, parameters, share and delay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrac_audit.console.layout import Column, Table
from lrac_audit.ledger.latency import latency
from lrac_audit.report.cost_groups import CostGroup, Grouping, cost_groups, shares
from lrac_audit.report.numerals import delay_ms, fixed

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit


def cost_table(audit: Audit, by: Grouping, per_frame: bool) -> Table:
    """Return a row for each group, in the order of the signal."""
    rows = cost_rows(audit, cost_groups(audit, by), per_frame)
    return Table(cost_columns(audit, by, per_frame), rows, caption=f"Cost by {by}", is_list=True)


def cost_columns(audit: Audit, by: Grouping, per_frame: bool) -> list[Column]:
    """Return the columns of a table of groups."""
    unit = audit.convention.frame_unit if per_frame else audit.convention.unit
    macs = "kMAC" if per_frame else "MMAC/s"
    return [
        Column(by.capitalize()),
        Column("Side", spare=2),
        *([] if unit == macs else [Column(macs, right=True, spare=1)]),
        Column(unit, right=True),
        Column("Parameters", right=True),
        Column("% of total", right=True),
        Column("Delay ms", right=True),
    ]


def cost_rows(audit: Audit, groups: Sequence[CostGroup], per_frame: bool) -> list[list[str]]:
    """Return the cells of ``groups`` under :func:`cost_columns`."""
    ledger, has_macs = audit.ledger, len(cost_columns(audit, "layer", per_frame)) == 7
    rows = []
    for group, share in zip(groups, shares(audit, groups), strict=True):
        counts = [group.macs_per_frame] * has_macs + [group.price_per_frame]
        costs = [n / 1000 if per_frame else ledger.millions_per_second(n) for n in counts]
        delay = "" if group.delay_samples == 0 else delay_ms(ledger, group.delay_samples)
        parameters = f"{group.stored_values:,}" if group.stored_values else ""
        rows.append(
            [group.name, group.side, *map(fixed, costs), parameters, fixed(100 * share, 2), delay]
        )
    return rows


def overall_group(audit: Audit) -> CostGroup:
    """Return the whole codec as one group, whose delay includes the buffering."""
    cost = audit.totals.cost("overall", audit.convention)
    stored = sum(row.stored_values for row in audit.ledger.rows)
    return CostGroup("overall", "", "", *cost, stored, latency(audit.ledger).total_samples)


def cost_records(audit: Audit, by: Grouping) -> list[dict[str, Any]]:
    """Return the groups as plain data; a delay without bound is None."""
    ledger, groups = audit.ledger, cost_groups(audit, by)
    return [
        {
            by: group.name,
            "side": group.side,
            "macs_per_s": ledger.per_second(group.macs_per_frame),
            "mflops": ledger.millions_per_second(group.price_per_frame),
            "stored_values": group.stored_values,
            "share": share,
            "delay_samples": group.delay_samples,
            "delay_ms": ledger.milliseconds_or_none(group.delay_samples),
        }
        for group, share in zip(groups, shares(audit, groups), strict=True)
    ]
