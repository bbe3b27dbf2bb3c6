"""The results of the latency probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Attribution(NamedTuple):
    """The look-ahead that one module adds on the critical path."""

    module: str
    """Path in the root of the target; empty for what happens in no module but the root."""
    added_samples: int
    """Audio samples; negative where a module responds later than it would have to."""

    def __str__(self) -> str:
        where = self.module or "operations outside any module of the target"
        return f"{where}: {self.added_samples:+d} samples"


@dataclass(frozen=True)
class SideLatency:
    """The look-ahead of one side of a codec."""

    look_ahead_samples: int | None
    """Audio samples beyond the current frame; None when there is no such number, since the output
    depends on the whole clip or is random."""
    attribution: tuple[Attribution, ...]
    """The modules in the order of the signal; their samples add up to the look-ahead."""
    whole_clip: tuple[str, ...]
    """Sentences that name what depends on the whole clip, or on where it ends."""


@dataclass(frozen=True)
class MeasuredLatency:
    """The delay of a codec by measurement, without processing time."""

    hop_samples: int
    """Buffering: one frame of audio samples."""
    transmit: SideLatency
    """The transmit side; for an undivided codec, everything from audio to audio."""
    receive: SideLatency | None
    """The receive side; None for an undivided codec."""
    past_samples: int | None
    """How far back a latent frame depends on the input before its own hop. None when no end was
    found, for an undivided codec, which has no latent, or when it was not asked for."""
    problems: tuple[str, ...]
    """Sentences on what could not be measured in the usual way."""
    confirmed: bool
    """Whether every prefix of the input gave the outputs that are claimed to be ready by then."""

    @property
    def total_samples(self) -> int | None:
        """Return 1 + max over output samples t of (latest input sample that can change t) - t."""
        sides = [side for side in (self.transmit, self.receive) if side is not None]
        total = self.hop_samples
        for side in sides:
            if side.look_ahead_samples is None:
                return None
            total += side.look_ahead_samples
        return total
