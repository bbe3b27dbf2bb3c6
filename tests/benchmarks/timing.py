"""How many times as long one piece of work takes as another.

The two run in turn and are measured by the processor time that each takes, so other work on the
machine disturbs the ratio far less than a time on the clock. The bounds in these files stand about
half above the largest ratio seen on two busy cores, where no other reason is given.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial

from tests.conftest import ROOT

Timer = Callable[[], float]
"""Does its work once and returns the seconds of processor time that it took."""


def work(function: Callable[..., object], *arguments: object, times: int = 1) -> Timer:
    """Return the timer of one call in this process, all threads together.

    Work of less than a few milliseconds is called ``times`` times and the average taken.
    """
    return partial(_work_s, partial(function, *arguments), times)


def _work_s(function: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        function()
    return (time.process_time() - began) / times


def program(*command: object) -> Timer:
    """Return the timer of a program, with modules compiled once, as an installation has them."""
    return partial(_program_s, [str(word) for word in command])


def _program_s(command: Sequence[str]) -> float:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT, env=kept) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def ratio_of(ours: Timer, reference: Timer, rounds: int = 9) -> float:
    """Return the median over rounds of ``ours`` over ``reference``, and print all with spreads."""
    for timer in (ours, reference):  # once for what is kept after the first time
        timer()
    pairs = [(_settled(ours), _settled(reference)) for _ in range(rounds)]
    ratios = [mine / other for mine, other in pairs]
    print()  # noqa: T201
    print("ours:", spread([1000 * mine for mine, _ in pairs]), "ms")  # noqa: T201
    print("reference:", spread([1000 * other for _, other in pairs]), "ms")  # noqa: T201
    print("ratio:", spread(ratios))  # noqa: T201
    return statistics.median(ratios)


def _settled(timer: Timer) -> float:
    gc.collect()  # so that neither pays for what the other left behind
    return timer()


def spread(values: list[float]) -> str:
    """Return the median and the quartiles of ``values`` in words."""
    low, median, high = statistics.quantiles(values)
    return f"median {median:.4g}, quartiles {low:.4g} and {high:.4g}"
