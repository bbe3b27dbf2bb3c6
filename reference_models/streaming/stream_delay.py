"""The delay of a live stream: the audit's, and what frames, packets and callbacks add to it.

With ``h`` samples in a frame, the transmit side's look-ahead of E samples beyond it delays codes by
``l = ceil(E / h)`` whole frames. A packet of N frames, P = N h samples, is full when its last frame
is coded. So once n samples of audio have come, the receive side, with its look-ahead A, has brought
all but ``(n - l h) mod P + l h + A`` of them.

A callback brings and takes c samples at a time, so n is a multiple of c, and that remainder at most
``P - g + (-l h mod g)`` with g = gcd(c, P). If that much silence, and ``l h + A`` more, is played
first, every callback finds enough. A sample waits up to c more, until its callback begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.row import Ledger
from lrac_audit.ledger.walk import walk


@dataclass(frozen=True, slots=True)
class StreamDelay:
    """Delay from a sample's arrival until it is played, in audio samples, without processing time.

    The network's own delay and its jitter come on top.
    """

    audited_samples: int
    """The audit's total: buffering of a frame, and the look-ahead of both sides."""
    framing_samples: int
    """Added by whole frames where the look-ahead of the transmit side is a part of one."""
    packet_samples: int
    """Added by packets of several frames."""
    callback_samples: int
    """Added by callbacks that are no divisor of a packet."""
    playout_samples: int
    """Silence to play before the first audio, so that every callback finds enough."""

    @property
    def total_samples(self) -> int:
        """The sum of the first four."""
        parts = (self.audited_samples, self.framing_samples)
        return sum(parts) + self.packet_samples + self.callback_samples


def stream_delay(design: CodecDesign, frames_per_packet: int, callback_samples: int) -> StreamDelay:
    """Return the delay of a stream of ``design`` with callbacks of ``callback_samples``.

    ``design`` has a bound on its delay.
    """
    audited = latency(_ledger(design))
    total, receive = audited.total_samples, audited.receive_samples
    assert total is not None and receive is not None  # it has a bound
    hop = design.hop_samples
    packet = frames_per_packet * hop
    until_codes = -(-(total - receive) // hop) * hop
    common = gcd(callback_samples, packet)
    remainder = packet - common + -(until_codes - hop) % common
    playout = remainder + until_codes - hop + receive
    return StreamDelay(
        audited_samples=total,
        framing_samples=until_codes + receive - total,
        packet_samples=packet - hop,
        callback_samples=playout + callback_samples - (until_codes + receive + packet - hop),
        playout_samples=playout,
    )


def recovery_frames(design: CodecDesign) -> int | None:
    """Return for how many frames after a loss it is still heard; None without a bound.

    Then the last lost frame has left the receptive field of the decoder.
    """
    ledger = _ledger(design)
    steps, step_samples = context(ledger).decoder_past_frames, latency(ledger).buffering_samples
    return None if steps is None else -(-steps * step_samples // design.hop_samples)


def _ledger(design: CodecDesign) -> Ledger:
    return walk(design, "projected", design.quantizer.layers)
