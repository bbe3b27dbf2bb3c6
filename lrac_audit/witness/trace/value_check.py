"""Compare a run without values with one of the same length on real values.

A model may find out that its input has no values, and do something else then.
"""

from __future__ import annotations

from collections import Counter

from lrac_audit.ledger.row import MAC_KINDS, Side, Stage
from lrac_audit.witness.trace.traced_run import TracedRun
from lrac_audit.witness.trace.work_record import problem_record

Place = tuple[Side, Stage, str]
"""Side, stage and path of the module."""


def differences(without_values: TracedRun, with_values: TracedRun) -> TracedRun:
    """Return a run that holds a problem for each module whose products differ in the two runs.

    It also holds the problems and the reads that values show.
    """
    marked = TracedRun(with_values.hops, reads=list(with_values.reads))
    counted, found = _macs_by_place(without_values), _macs_by_place(with_values)
    for place in dict.fromkeys((*counted, *found)):
        if counted[place] != found[place]:
            side, stage, path = place
            problem = (
                f"{path} multiplies and accumulates {found[place]:,} times on real values, but "
                f"{counted[place]:,} times on tensors without values, by which it was counted"
            )
            marked.add(side, stage, [problem_record(0, path, "values", problem)])
    for (side, stage, path, op), part in with_values.parts.items():
        if part.problem:
            marked.add(side, stage, [problem_record(0, path, op, part.problem)])
    return marked


def _macs_by_place(run: TracedRun) -> Counter[Place]:
    macs: Counter[Place] = Counter()
    for (side, stage, path, _), part in run.parts.items():
        macs[side, stage, path] += sum(n for kind, n in part.work.items() if kind in MAC_KINDS)
    return macs
