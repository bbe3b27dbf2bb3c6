"""The report on a simulated stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, ScreenContent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrac_audit.design.parts import CodecDesign
    from lrac_audit.ledger.latency import Latency
    from reference_models.streaming.simulation import Delay, FrameTimes

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class StreamReport(ScreenContent, DocumentContent):
    """Times per frame of each side, and the delay beside the audit's figure."""

    json_indent: ClassVar[int | None] = None

    design: CodecDesign
    layers: int
    """Quantizer layers that were on."""
    form: str
    """The variant of each side, such as ``trained``."""
    threads: int
    """Threads that torch computed with."""
    times: FrameTimes
    delay: Delay

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the codec, the spread of times, and the delays."""
        bitrate_kbps = self.design.bitrate_kbps(self.layers)
        terms = (
            f"{self.design.name}, {self.form}, {bitrate_kbps:g} kbps\n"
            f"{len(self.times.transmit_s):,} frames of {1000 * self._frame_s:g} ms, "
            f"threads: {self.threads}"
        )
        return [[Paragraph(terms)], [self._time_table()], [self._delay_table()]]

    def document(self) -> Mapping[str, Any]:
        """Return every frame's times in seconds, and the delays."""
        return {
            "schema_version": SCHEMA_VERSION,
            "design": self.design.name,
            "form": self.form,
            "bitrate_kbps": self.design.bitrate_kbps(self.layers),
            "threads": self.threads,
            "frame_s": self._frame_s,
            "delay": self.delay._asdict(),
            "analytic_delay_samples": self._analytic.total_samples,
            "transmit_s": self.times.transmit_s.tolist(),
            "receive_s": self.times.receive_s.tolist(),
        }

    @property
    def _frame_s(self) -> float:
        return 1 / self.design.frame_rate_hz

    @cached_property
    def _analytic(self) -> Latency:
        from lrac_audit.ledger.latency import latency
        from lrac_audit.ledger.walk import walk

        return latency(walk(self.design, "projected", self.layers))

    def _time_table(self) -> Table:
        times = self.times
        sides = {
            "transmit": times.transmit_s,
            "receive": times.receive_s,
            "both": times.transmit_s + times.receive_s,
        }
        headings = ("median ms", "p99 ms", "worst ms", "real-time factor")
        columns = [Column("side"), *(Column(heading, right=True) for heading in headings)]
        rows = [
            [side, *_spread_ms(seconds), f"{seconds.mean() / self._frame_s:.4f}"]
            for side, seconds in sides.items()
        ]
        return Table(columns, rows)

    def _delay_table(self) -> Table:
        delay, analytic = self.delay, self._analytic
        assert analytic.transmit_samples is not None  # a design always knows
        to_codes = analytic.buffering_samples + analytic.transmit_samples
        rows = [
            ("until the first codes", delay.first_codes_samples, f"{to_codes:,}"),
            ("until the first audio", delay.first_audio_samples, ""),
            ("total", delay.worst_samples, f"{analytic.total_samples:,}"),
        ]
        headings = ("samples", "ms", "audit")
        columns = [Column("delay"), *(Column(heading, right=True) for heading in headings)]
        ms_per_sample = 1000 / self.design.sample_rate_hz
        cells = [[title, f"{n:,}", f"{n * ms_per_sample:g}", audit] for title, n, audit in rows]
        return Table(columns, cells)


def _spread_ms(seconds: NDArray[np.float64]) -> list[str]:
    """Return the median, the 99th percentile and the maximum in milliseconds."""
    import numpy as np

    spread = (np.median(seconds), np.percentile(seconds, 99), seconds.max())
    return [f"{1000 * value:.3f}" for value in spread]
