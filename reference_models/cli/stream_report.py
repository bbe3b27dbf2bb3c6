"""The report on a simulated stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from lrac_audit.console.layout import Column, Table
from lrac_audit.report.blocks import Paragraph, ScreenSection
from lrac_audit.report.content import DocumentContent, ScreenContent

if TYPE_CHECKING:
    from lrac_audit.design.parts import CodecDesign
    from lrac_audit.ledger.latency import Latency
    from reference_models.streaming.delay_measurement import Delay
    from reference_models.streaming.simulation import Simulation

SCHEMA_VERSION = 1


class FrameTimeSummary(NamedTuple):
    """The times of the frames of one side, or of ``both`` on one machine, as for a call."""

    side: str
    median_ms: float
    p99_ms: float
    worst_ms: float
    worst_with_warm_up_ms: float
    """The same with the first frames of the process, which every engine takes longest for."""
    late_frames: int
    """Frames, without the warm-up, that took longer than they last."""
    real_time_factor: float
    """Processing time per second of audio."""


@dataclass(frozen=True)
class StreamReport(ScreenContent, DocumentContent):
    """Times per frame of each side, and the delay beside the audit's figure."""

    json_indent: ClassVar[int | None] = None

    design: CodecDesign
    layers: int
    """Quantizer layers that were on."""
    form: str
    """The form of each side, such as ``trained``."""
    engine: str
    threads: int
    """Threads that the engine computed with."""
    simulation: Simulation
    delay: Delay
    """As the PyTorch models have it, measured to the sample."""

    def screen_sections(self) -> Sequence[ScreenSection]:
        """Return the codec, the spread of times, and the delays."""
        bitrate_kbps = self.design.bitrate_kbps(self.layers)
        frames = len(self.simulation.times.transmit_s)
        terms = (
            f"{self.design.name}, {self.form}, {bitrate_kbps:g} kbps\n"
            f"{frames:,} frames of {1000 * self._frame_s:g} ms, engine: {self.engine}, "
            f"threads: {self.threads}"
        )
        return [[Paragraph(terms)], [self._time_table()], [self._delay_table()]]

    def document(self) -> Mapping[str, Any]:
        """Return every frame's times in seconds, a summary of each side, and the delays."""
        warm_up, times = self.simulation.warm_up, self.simulation.times
        return {
            "schema_version": SCHEMA_VERSION,
            "design": self.design.name,
            "form": self.form,
            "bitrate_kbps": self.design.bitrate_kbps(self.layers),
            "engine": self.engine,
            "threads": self.threads,
            "frame_s": self._frame_s,
            "delay": self.delay._asdict(),
            "analytic_delay_samples": self._analytic.total_samples,
            "delay_by_frames_samples": self.simulation.delay_samples,
            "summary": [summary._asdict() for summary in self.summaries],
            "transmit_s": times.transmit_s.tolist(),
            "receive_s": times.receive_s.tolist(),
            "warm_up_transmit_s": warm_up.transmit_s.tolist(),
            "warm_up_receive_s": warm_up.receive_s.tolist(),
        }

    @cached_property
    def summaries(self) -> Sequence[FrameTimeSummary]:
        """A summary of each side, and of both together."""
        return [self._summary(side) for side in ("transmit", "receive", "both")]

    def _summary(self, side: str) -> FrameTimeSummary:
        import numpy as np

        seconds, cold_s = (
            getattr(times, f"{side}_s")
            for times in (self.simulation.times, self.simulation.warm_up)
        )
        worst_s = seconds.max()
        return FrameTimeSummary(
            side=side,
            median_ms=float(1000 * np.median(seconds)),
            p99_ms=float(1000 * np.percentile(seconds, 99)),
            worst_ms=float(1000 * worst_s),
            worst_with_warm_up_ms=float(1000 * max(worst_s, cold_s.max())),
            late_frames=int((seconds > self._frame_s).sum()),
            real_time_factor=float(seconds.mean() / self._frame_s),
        )

    @property
    def _frame_s(self) -> float:
        return 1 / self.design.frame_rate_hz

    @cached_property
    def _analytic(self) -> Latency:
        from lrac_audit.ledger.latency import latency
        from lrac_audit.ledger.walk import walk

        return latency(walk(self.design, "projected", self.layers))

    def _time_table(self) -> Table:
        headings = ("median ms", "p99 ms", "worst ms", "with warm-up", "late", "real-time factor")
        columns = [Column("side"), *(Column(heading, right=True) for heading in headings)]
        return Table(columns, [_time_row(summary) for summary in self.summaries])

    def _delay_table(self) -> Table:
        from reference_models.streaming.stream_delay import stream_delay

        delay, analytic = self.delay, self._analytic
        assert analytic.transmit_samples is not None  # a design always knows
        to_codes = analytic.buffering_samples + analytic.transmit_samples
        rows = [
            ("until the first codes", delay.first_codes_samples, f"{to_codes:,}"),
            ("until the first audio", delay.first_audio_samples, ""),
            ("total", delay.worst_samples, f"{analytic.total_samples:,}"),
        ]
        by_frames = self.simulation.delay_samples
        if by_frames is not None:
            computed = stream_delay(self.design, 1, 1).total_samples
            rows.append(("total, frame by frame", by_frames, f"{computed:,}"))
        headings = ("samples", "ms", "audit")
        columns = [Column("delay"), *(Column(heading, right=True) for heading in headings)]
        ms_per_sample = 1000 / self.design.sample_rate_hz
        cells = [[title, f"{n:,}", f"{n * ms_per_sample:g}", audit] for title, n, audit in rows]
        return Table(columns, cells)


def _time_row(summary: FrameTimeSummary) -> list[str]:
    times = (
        summary.median_ms,
        summary.p99_ms,
        summary.worst_ms,
        summary.worst_with_warm_up_ms,
    )
    milliseconds = [f"{time_ms:.3f}" for time_ms in times]
    factor = f"{summary.real_time_factor:.4f}"
    return [summary.side, *milliseconds, f"{summary.late_frames:,}", factor]
