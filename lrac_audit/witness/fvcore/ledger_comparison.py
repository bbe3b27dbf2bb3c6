"""Compare fvcore's counts with a ledger. What fvcore cannot count explains a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lrac_audit.ledger.agreement import Finding, compared, label, macs_by, nearest
from lrac_audit.ledger.row import Ledger, Side, Stage
from lrac_audit.ledger.totals import part_of
from lrac_audit.witness.fvcore import FvcoreCount

Place = tuple[Side, Stage]
SHOWN_OPERATORS = 4


def compare_stages(ledger: Ledger, fvcore_count: FvcoreCount) -> Iterator[Finding]:
    """Yield the findings on the sums of the stages."""
    expected = macs_by(ledger.rows, part_of)
    found = {
        _part(ledger, place): macs for place, macs in fvcore_count.macs_by_stage.items() if macs
    }
    reasons = {_part(ledger, place): reason for place, reason in _reasons(fvcore_count).items()}
    yield from compared("fvcore", "stage", "macs_per_frame", expected, found, reasons)


def compare_modules(
    ledger: Ledger, fvcore_count: FvcoreCount, ledger_name: Callable[[str], str]
) -> Iterator[Finding]:
    """Yield the findings module by module, as far as fvcore tells modules apart.

    fvcore sees a module only where it is called; what a module does whose call is bypassed is
    counted with the caller. So each row is added to the nearest module that fvcore names.
    ``ledger_name`` gives the ledger's name of a module.
    """
    found: dict[tuple[Side, str], int] = {}
    reasons: dict[str, str] = {}
    by_stage = _reasons(fvcore_count)
    for (side, stage, path), macs in fvcore_count.macs_by_module.items():
        place = side, ledger_name(path)
        found[place] = found.get(place, 0) + macs
        if (side, stage) in by_stage:
            reasons[label(*place)] = by_stage[side, stage]
    expected = macs_by(
        ledger.rows, lambda row: label(row.side, nearest(row.side, row.name, found.keys()))
    )
    told = {label(*place): macs for place, macs in found.items()}
    yield from compared("fvcore", "module", "macs_per_frame", expected, told, reasons)


def _part(ledger: Ledger, place: Place) -> str:
    if not ledger.is_divided:
        return "undivided"
    side, stage = place
    return f"rvq_{side}" if stage == "rvq" else stage


def _reasons(fvcore_count: FvcoreCount) -> Mapping[Place, str]:
    """Return, for each stage, why fvcore may be wrong about it."""
    reasons: dict[Place, list[str]] = {}
    for place, operators in fvcore_count.unsupported.items():
        names = list(operators)
        more = f" and {len(names) - SHOWN_OPERATORS} more" if len(names) > SHOWN_OPERATORS else ""
        words = ", ".join(names[:SHOWN_OPERATORS])
        reasons.setdefault(place, []).append(f"it does not know {words}{more}")
    for side, stage, _ in fvcore_count.unbounded:
        why = "what it counts there is not in proportion to the length"
        reasons.setdefault((side, stage), []).append(why)
    return {place: "; ".join(dict.fromkeys(found)) for place, found in reasons.items()}
