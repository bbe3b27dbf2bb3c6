"""Find the place in the code from which an operator is called: in a loop, or beside it."""

from __future__ import annotations

import sys
from types import CodeType, FrameType


def caller() -> CodeType:
    """Return the code that calls the function that calls this one."""
    return sys._getframe(2).f_code


def call_site(outermost: CodeType) -> int:
    """Return a number for the running instructions of all frames within that of ``outermost``.

    It is the same whenever the same code comes to the same place by the same calls, as in each
    iteration of a loop, and in clips of any length.
    """
    site = 0
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not outermost:
        code = frame.f_code
        site = hash((site, code.co_filename, code.co_firstlineno, frame.f_lasti))
        frame = frame.f_back
    return site
