"""Refusal of designs that cannot stream, since no number bounds their delay."""

from __future__ import annotations

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.steps import field_of
from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.latency import unbounded_rows
from lrac_audit.ledger.walk import walk


def refuse_unbounded(design: CodecDesign) -> None:
    """Make sure that a stream of ``design`` brings output before it ends.

    Raises:
        InputError: some layers wait for the end of the clip; with the first of them.
    """
    waiting = unbounded_rows(walk(design, "projected", design.quantizer.layers))
    if waiting:
        more = len(waiting) - 1
        given = "no bound on its delay" + (f", and {more} more of the kind" if more else "")
        allowed = "layers whose delay has a bound, in a codec that streams"
        raise InputError(design.name, [Problem(field_of(waiting[0]), given, allowed)])
