"""Throughput of a run."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from reference_models.training.loop import Callback, StepReport

RECENT_STEPS = 50


@dataclass(slots=True)
class ThroughputMeter(Callback):
    """The throughput of the last steps."""

    flops_per_audio_s: float
    """FLOPs of training per second of audio, from :class:`StepCost`."""
    attainable_flops_per_s: float
    """Attainable speed of all processes together."""
    _recent: deque[StepReport] = field(default_factory=lambda: deque(maxlen=RECENT_STEPS))

    def stepped(self, report: StepReport) -> None:
        """See :class:`Callback`."""
        self._recent.append(report)

    @property
    def audio_s_per_s(self) -> float:
        """Seconds of audio trained on per second, waiting included."""
        return sum(report.audio_s for report in self._recent) / self._elapsed_s

    @property
    def utilisation(self) -> float:
        """Counted operations per second, as a share of the speed of a large matrix product."""
        return self.audio_s_per_s * self.flops_per_audio_s / self.attainable_flops_per_s

    @property
    def waiting(self) -> float:
        """Share of the time in which steps waited for audio."""
        return sum(report.waited_s for report in self._recent) / self._elapsed_s

    def __str__(self) -> str:
        return (
            f"{self.audio_s_per_s:.1f} s of audio per s, {100 * self.utilisation:.0f} % used, "
            f"{100 * self.waiting:.0f} % waiting"
        )

    @property
    def _elapsed_s(self) -> float:
        return sum(report.step_s + report.waited_s for report in self._recent)
