"""Check that a model fits into the memory of the machine."""

from __future__ import annotations

import os

from lrac_audit.design.parts import CodecDesign
from lrac_audit.errors import InputError, Problem
from lrac_audit.ledger.memory import device_values
from lrac_audit.ledger.walk import walk

VALUE_BYTES = 4


def check_size(design: CodecDesign) -> None:
    """Refuse a design whose weights do not fit: some systems end a process that fills memory.

    Raises:
        InputError: the weights take more memory than the machine has.
    """
    needed = VALUE_BYTES * device_values(walk(design, "projected", design.quantizer.layers))
    there = _machine_bytes()
    if there is not None and needed > there:
        given = f"a model whose weights take {needed:,} bytes as float32"
        allowed = f"one that fits into the memory of this machine, {there:,} bytes"
        raise InputError(design.name, [Problem("", given, allowed)])


def _machine_bytes() -> int | None:
    """Return the memory of this machine; None where the system does not say it."""
    if not hasattr(os, "sysconf"):
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
