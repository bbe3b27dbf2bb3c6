"""The comparison of public codecs, as tables and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lrac_audit.auditing.document import SCHEMA_VERSION
from lrac_audit.auditing.public_codecs import Compared, Comparison
from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import PLAIN, Screen
from lrac_audit.ledger.latency import latency
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.totals import Part
from lrac_audit.report.tables import waited
from lrac_audit.report.tabular import to_csv
from lrac_audit.report.text import markdown_table, number

SKIPPED = "skipped"
"""In the row of a codec whose package cannot be used here; a note says why."""
SIDES: tuple[Part, ...] = ("transmit", "receive", "overall")


def figures(codec: Compared) -> dict[str, Any]:
    """One codec as plain data; null where something is not known or has no bound."""
    audit = codec.audit
    ledger, convention = audit.ledger, audit.convention
    total_samples = latency(ledger).total_samples
    found: dict[str, Any] = {
        "name": codec.name,
        "sample_rate_hz": ledger.sample_rate_hz,
        "bitrate_kbps": ledger.mode.bitrate_kbps,
        "convention": convention.name,
    }
    for part in SIDES:
        cost = audit.totals.cost(part, convention)
        found[f"{part}_mflops"] = ledger.millions_per_second(cost.price_per_frame)
        found[f"{part}_mmacs_per_s"] = ledger.millions_per_second(cost.macs_per_frame)
    for side in ("transmit", "receive"):
        found[f"{side}_stored_values"] = memory(ledger, side).total_stored_values
    found["total_latency_ms"] = ledger.milliseconds_or_none(total_samples)
    found.update({f"verdict_{name}": status for name, status in codec.verdicts})
    return found


def costs(comparison: Comparison) -> Table:
    """Both sides in the convention's unit, all in MACs, parameters and latency."""
    columns = (
        Column("Codec"),
        Column("kbps", right=True, spare=3),
        Column("Transmit", right=True),
        Column("Receive", right=True),
        Column("Overall", right=True),
        Column("MMAC/s", right=True, spare=2),
        Column("Stored, M", right=True, spare=1),
        Column("Latency ms", right=True),
    )
    rows = []
    for codec in comparison.codecs:
        data, ledger = figures(codec), codec.audit.ledger
        stored = (data["transmit_stored_values"] + data["receive_stored_values"]) / 1e6
        rows.append(
            [
                codec.name,
                number(data["bitrate_kbps"], 2),
                *(number(data[f"{part}_mflops"], 1) for part in SIDES),
                number(data["overall_mmacs_per_s"], 1),
                number(stored, 2),
                waited(ledger, latency(ledger).total_samples, decimals=1),
            ]
        )
    rows += [_skipped(one.name, columns) for one in comparison.missing]
    for one in comparison.limits:
        overall, receive = number(one.overall_mflops), number(one.receive_mflops)
        bitrate = number(max(one.bitrates_kbps))
        cells = [f"limit {one.name}", bitrate, "", receive, overall, "", ""]
        rows.append([*cells, number(one.total_latency_ms)])
    return Table(columns, rows)


def verdicts(comparison: Comparison) -> Table:
    """Return the verdict of each limit set on each codec."""
    columns = (Column("Verdict"), *(Column(one.name, is_status=True) for one in comparison.limits))
    rows = [[codec.name, *(status for _, status in codec.verdicts)] for codec in comparison.codecs]
    rows += [[one.name, *(SKIPPED for _ in comparison.limits)] for one in comparison.missing]
    return Table(columns, rows)


def _skipped(name: str, columns: Sequence[Column]) -> list[str]:
    return [name, SKIPPED, *("" for _ in columns[2:])]


def notes(comparison: Comparison) -> list[str]:
    """The terms of the tables, what each codec needs to be said about it, and what is missing."""
    convention = comparison.codecs[0].audit.convention
    found = [
        f"Transmit, receive and overall in {convention.unit} by {convention.name}, version "
        f"{convention.version}: 1 MAC = {convention.flops_per_mac} FLOPs.",
        "Each codec at its highest bitrate within the limits. Stored: values that its two sides "
        "use there, codebooks included.",
    ]
    for codec in comparison.codecs:
        agreement = codec.audit.agreement
        if agreement is not None:
            found += [f"{codec.name}: {remark}" for remark in agreement.remarks]
        found += [f"{codec.name}: not proved: {doubt}" for doubt in codec.audit.verdict.doubts]
    return found + [f"Skipped: {one}" for one in comparison.missing]


def render(comparison: Comparison, screen: Screen = PLAIN) -> str:
    """The comparison as text."""
    parts = [screen.table(costs(comparison)), screen.table(verdicts(comparison))]
    return "\n".join([*parts, screen.bullets(notes(comparison))])


def render_markdown(comparison: Comparison) -> str:
    """The comparison as Markdown."""
    parts = [markdown_table(one) for one in (costs(comparison), verdicts(comparison))]
    return "\n".join([*parts, "".join(f"- {line}\n" for line in notes(comparison))])


def document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "codecs": [figures(codec) for codec in comparison.codecs],
        "missing": [one._asdict() for one in comparison.missing],
        "notes": notes(comparison),
    }


def render_csv(comparison: Comparison) -> str:
    """The figures as comma-separated values, a row for each codec; a skipped one has no figures."""
    rows = [figures(codec) for codec in comparison.codecs]
    for one in comparison.missing:
        row = dict.fromkeys(rows[0]) | {"name": one.name}
        rows.append(row | {f"verdict_{limits.name}": SKIPPED for limits in comparison.limits})
    return to_csv(rows)
