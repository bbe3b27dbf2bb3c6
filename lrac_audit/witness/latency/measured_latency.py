"""The measured delay of a codec."""

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
    """Audio samples beyond the buffered step, on the critical path; None when there is no such
    number, since the output depends on the whole clip."""
    attribution: tuple[Attribution, ...]
    """The modules in the order of the signal; their samples add up to the look-ahead."""
    whole_clip: tuple[str, ...]
    """Sentences that name what depends on the whole clip, or on where it ends."""


@dataclass(frozen=True)
class MeasuredLatency:
    """The delay of a codec by measurement, without processing time."""

    buffering_samples: int
    """Audio samples of one latent step, which the sender collects before it can be coded."""
    transmit: SideLatency
    """The transmit side; for an undivided codec, everything from audio to audio."""
    receive: SideLatency | None
    """The receive side; None for an undivided codec."""
    past_samples: int | None
    """How far back a latent step depends on the input before its own samples. None when no end was
    found, or for an undivided codec, which has no latent."""
    lower_total_samples: int | None
    """The delay that changes of the input have shown; None where there was nothing to show."""
    parting: str
    """Where the dependency goes on and no effect could be shown; empty where the two agree."""
    problems: tuple[str, ...]
    """Sentences on what could not be measured in the usual way."""

    @property
    def total_samples(self) -> int | None:
        """Return 1 + max over output samples t of (latest input sample that can change t) - t.

        It is an upper bound: every dependency that the operations allow is taken for real.
        """
        sides = [side for side in (self.transmit, self.receive) if side is not None]
        total = self.buffering_samples
        for side in sides:
            if side.look_ahead_samples is None:
                return None
            total += side.look_ahead_samples
        return total

    @property
    def proved(self) -> bool:
        """Whether the upper and the lower bound are the same number."""
        return self.total_samples is not None and self.total_samples == self.lower_total_samples
