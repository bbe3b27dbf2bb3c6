"""Follow what is computed of a reduction alone, such as the loudness of a whole clip.

Work on such a value costs the same in every clip although the reduction grows with the clip. That
happens once a clip, and no longer clip shows that it repeats.
"""

from __future__ import annotations

from lrac_audit.witness.trace.operator_call import OperatorCall
from lrac_audit.witness.trace.work_record import WorkRecord

MOST_REDUCTIONS = 8
"""Reductions that are kept of what is computed of several."""


def reductions_behind(call: OperatorCall) -> frozenset[int]:
    """Return the records of the reductions that all signals in a call come from; none if not all.

    Where a reduction is of reductions, it is the first ones that are returned.
    """
    found = [each.reductions for each in call.provenances if not each.constant]
    if not found or not all(found):
        return frozenset()
    every = frozenset().union(*found)
    return every if len(every) <= MOST_REDUCTIONS else frozenset()


def reductions_in_result(call: OperatorCall, record: WorkRecord | None) -> frozenset[int]:
    """Return the same for what comes out of a call, which is ``record`` if it is recorded."""
    behind = reductions_behind(call)
    if behind or record is None or record.op != "reduce":
        return behind
    is_smaller = all(out.numel() < call.tensors[0].numel() for out in call.outputs)
    return record.own_index if is_smaller else behind
