"""Proposals for a cost or a memory over its limit: the same codec on a smaller scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lrac_audit.auditing.changing.consistent import ChangedDesign, Fields
from lrac_audit.auditing.changing.proposals import Proposal
from lrac_audit.auditing.changing.trial import Trial

MAX_GRAIN = 256
GUESS_STEP = 4
"""Per cent between the first guesses of a scaling."""
WIDTHS = ("channels", "width", "feed_forward")
EVERYTHING = (*WIDTHS, "kernel", "expansion", "codebook_dim", "codebook_size")
WHOLE = ("encoder", "quantizer", "decoder")
LEAST_CODEBOOK = 2


def narrower_widths(trial: Trial) -> Iterator[Proposal]:
    """Yield the largest scaling, in whole per cent, of the widths of one side, or else of both.

    Of both, the decoder is as wide as the limits on the receive side let it be, where one is
    broken, and the encoder takes the rest; or else they are scaled alike.
    """
    broken = frozenset(check.id for check in trial.broken)
    alone = [_narrower(trial, (side,), broken) for side in ("decoder", "encoder")]
    found = [proposal for proposal in alone if proposal is not None]
    if not found:
        both = _each_side(trial, broken) or _narrower(trial, ("encoder", "decoder"), broken)
        found = [both] if both is not None else []
    yield from found


def _each_side(trial: Trial, broken: frozenset[str]) -> Proposal | None:
    """Return a scaling of the decoder for the limits on its side, and one of the encoder."""
    received = frozenset(name for name in broken if name.startswith("receive_"))
    first = _narrower(trial, ("decoder",), received) if received else None
    changed = first and trial.fields.changed(first.changes)
    if not (first and changed):
        return None
    after = Trial(changed.design, trial.terms)
    second = _narrower(after, ("encoder",), broken)
    if second is None:
        return None
    return Proposal(f"{first.words}, and {second.words}", {**first.changes, **second.changes})


def less_of_everything(trial: Trial) -> Iterator[Proposal]:
    """Yield the largest scaling of widths, kernels and codewords of the whole codec."""
    broken = frozenset(check.id for check in trial.broken)
    found = _largest(trial, WHOLE, EVERYTHING, broken)
    if found is not None:
        percent, changed = found
        count = len(changed.changes)
        words = f"scale all widths, kernels and codebooks to {percent} % ({count} fields)"
        yield Proposal(words, changed.changes)


def _narrower(trial: Trial, sides: Sequence[str], ids: frozenset[str]) -> Proposal | None:
    """Return the largest scaling of widths at which none of the limits ``ids`` is broken."""
    found = _largest(trial, sides, WIDTHS, ids)
    if found is None:
        return None
    percent, changed = found
    side = "both sides" if len(sides) > 1 else f"the {sides[0]}"
    words = f"scale the widths of {side} to {percent} % ({len(changed.changes)} fields)"
    return Proposal(words, changed.changes)


def _largest(
    trial: Trial, sides: Sequence[str], names: Sequence[str], ids: frozenset[str]
) -> tuple[int, ChangedDesign] | None:
    """Return the largest percentage at which none of the limits ``ids`` is broken, if any."""

    def kept(percent: int) -> ChangedDesign | None:
        changed = _scaled(trial.fields, sides, names, percent)
        if changed is None:
            return None
        broken = {check.id for check in Trial(changed.design, trial.terms).broken}
        return changed if broken.isdisjoint(ids) else None

    least, most = 1, 100
    best, probe = kept(least), _guess(trial)
    if best is None:
        return None
    while most - least > 1:
        found = kept(probe)
        least, most = (least, probe) if found is None else (probe, most)
        best = found or best
        is_wide = most - least > 2 * GUESS_STEP
        near = least + GUESS_STEP if found else most - GUESS_STEP
        probe = near if is_wide else (least + most) // 2
    return least, best


def _guess(trial: Trial) -> int:
    """Return the percentage that would do if costs grew with the square of the widths."""
    shares = [
        check.limit / check.value
        for check in trial.broken
        if isinstance(check.value, int | float) and isinstance(check.limit, int | float)
    ]
    return min(max(math.floor(100 * math.sqrt(min(shares, default=0.25))), 2), 99)


def _scaled(
    fields: Fields, sides: Sequence[str], names: Sequence[str], percent: int
) -> ChangedDesign | None:
    """Return the design with less of the fields; those that others demand stay as they are."""
    grain, changes = _grain(fields), {}
    least = max((value for at, value in fields.values.items() if at[-1] == "compress"), default=1)
    for address, value in fields.values.items():
        if address[0] in sides and not set(names).isdisjoint(address):
            is_width = address[-1] in WIDTHS
            unit = grain if is_width and value % grain == 0 else 1
            less = max(value * percent // (100 * unit) * unit, unit, least if is_width else 1)
            if "codebook_size" in address:
                less = max(less, LEAST_CODEBOOK)
            if less < value:
                changes[address] = less
    return fields.changed(changes, leaves=True) if changes else None


def _grain(fields: Fields) -> int:
    """Return what widths must be multiples of, as far as heads and groups tell; 1 where too much.

    Groups of a single channel each follow the width.
    """
    widths = {value for at, value in fields.values.items() if at[-1] in WIDTHS}
    heads = [2 * value for at, value in fields.values.items() if at[-1] == "heads"]
    groups = [
        value for at, value in fields.values.items() if at[-1] == "groups" and value not in widths
    ]
    grain = math.lcm(*heads, *groups)
    return grain if grain <= MAX_GRAIN else 1
