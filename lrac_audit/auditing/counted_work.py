"""Work summed by stage, as a published figure may have been counted: in a stream or on a clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from lrac_audit.ledger.row import Kind, Ledger, Row
from lrac_audit.ledger.totals import PARTS, Part, part_of

AT_OUTPUT_RATE = "transposed_conv at the output rate"
"""A kind beside those of the ledger: a transposed convolution as if each output step cost what an
input step does."""
STEADY = ""
"""Name of the work of a stream, which needs no mention."""
MILLION = 1_000_000


class CountedWork(NamedTuple):
    """The work of a codec over some time, by stage and kind."""

    name: str
    """How it was counted, such as ``a clip of 1 s``; :data:`STEADY` in a stream."""
    seconds: Fraction
    by_stage: Mapping[str, Mapping[str, int]]

    def millions_per_second(
        self, part: Part, prices: Mapping[str, Fraction], skipped: Iterable[str] = ()
    ) -> Fraction:
        """Return the price of ``part`` without the stages ``skipped``, in millions per second."""
        total = Fraction(0)
        for stage in PARTS[part]:
            if stage not in skipped:
                work = self.by_stage.get(stage, {})
                total += sum(prices.get(kind, 0) * n for kind, n in work.items())
        return total / (self.seconds * MILLION)


def counted_work(name: str, rows: Iterable[Row], seconds: Fraction) -> CountedWork:
    """Return the sums of ``rows``, whose work stands for ``seconds``."""
    by_stage: dict[str, Counter[str]] = {}
    for row in rows:
        work = by_stage.setdefault(part_of(row), Counter())
        work.update(row.work)
        work[AT_OUTPUT_RATE] += _at_output_rate(row)
    return CountedWork(name, seconds, by_stage)


def steady_work(ledger: Ledger, name: str = STEADY) -> CountedWork:
    """Return the sums of a ledger, which are those of one frame in a stream."""
    return counted_work(name, ledger.rows, Fraction(ledger.hop_samples, ledger.sample_rate_hz))


def _at_output_rate(row: Row) -> int:
    """Return the MACs of a transposed convolution if they were counted at its output rate.

    Its output steps are known by its bias; without one they are the stride times its input steps.
    """
    macs = row.work.get(Kind.TRANSPOSED_CONV, 0)
    if not macs:
        return 0
    biases = row.work.get(Kind.BIAS, 0)
    if not biases or not row.runs_per_frame:
        return macs * row.geometry.stride
    return macs * (biases // row.geometry.channels_out) // row.runs_per_frame
