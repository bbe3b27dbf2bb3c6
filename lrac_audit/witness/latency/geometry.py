"""What the convolutions of a side cover by their geometry: a guess, that tells where to look."""

from __future__ import annotations

from lrac_audit.witness.latency.onsets import Timeline


def field_samples(line: Timeline) -> int:
    """Input samples under the taps of an output step, for the widest path; convolutions only."""
    fields: list[int] = []
    for node in line.nodes:
        widest = max((fields[s] for s in node.sources), default=1)
        periods = [p for s in node.sources for p in line.periods[s].values()]
        period = min(periods, default=None)
        fields.append(widest + (int(node.reach_steps * period) if period else 0))
    return fields[line.answer]
