"""Latency and receptive fields of a ledger.

An encoder frame f sees the input up to sample ``hop (f + 1) - 1 + E``, where E sums the look-ahead
of its rows; output sample t sees latent frames up to ``floor((t + A) / hop)``, where A sums the
decoder's. So the latest input that can change t is at most ``t + hop - 1 + E + A``, and at one
phase of the hop exactly that: the total is ``hop + E + A``. (A floor of a floor of integers
composes, so the sums are exact and not only bounds.)

With several latent steps in a frame, these take the place of the frames, and a step that of the
hop. What a quantized step waits for beyond its own, up to the end of its frame, is a delay of the
quantizer's rows and so a part of E.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lrac_audit.ledger.row import Ledger, Side


class Latency(NamedTuple):
    """Delay in audio samples, without processing time; None where no number bounds it."""

    buffering_samples: int
    """One latent step on the transmit side; mostly a hop."""
    transmit_samples: int | None
    """Look-ahead of the encoder; of an undivided codec, of the whole."""
    receive_samples: int | None
    """Look-ahead of the decoder; 0 for an undivided codec."""

    @property
    def total_samples(self) -> int | None:
        """1 + max over output samples t of (latest input sample that can change t) - t."""
        if self.transmit_samples is None or self.receive_samples is None:
            return None
        return self.buffering_samples + self.transmit_samples + self.receive_samples


class Context(NamedTuple):
    """Receptive fields; None where an LSTM makes the past unbounded, or where it is not known."""

    encoder_samples: int | None
    """Input samples that one latent frame sees, from the first to the last."""
    decoder_past_frames: int | None
    """Latent frames before its own that an output sample sees, at the worst phase of the hop."""
    decoder_future_frames: int | None
    """Latent frames after its own that an output sample sees, at the worst phase of the hop."""


def latency(ledger: Ledger) -> Latency:
    """Return the delay of ``ledger``, by side."""
    return Latency(
        ledger.hop_samples if ledger.step_samples is None else ledger.step_samples,
        _look_ahead(ledger, "transmit", "undivided"),
        _look_ahead(ledger, "receive"),
    )


def unbounded_rows(ledger: Ledger) -> list[str]:
    """Return the names of the rows whose look-ahead no number bounds."""
    return [row.name for row in ledger.rows if row.delay_samples is None]


def first_of(names: Sequence[str]) -> str:
    """Return the first of ``names``, and how many more there are.

    >>> first_of(["encoder.layers.3.group_norm", "decoder.layers.1.group_norm"])
    'encoder.layers.3.group_norm and 1 more'
    """
    more = len(names) - 1
    return f"{names[0]} and {more} more" if more else names[0]


def context(ledger: Ledger) -> Context:
    """Return the receptive fields of ``ledger``."""
    if not ledger.is_divided:
        return Context(None, None, None)
    step = latency(ledger).buffering_samples
    past, ahead = _past(ledger, "transmit"), _look_ahead(ledger, "transmit")
    decoder_past, decoder_ahead = _past(ledger, "receive"), _look_ahead(ledger, "receive")
    return Context(
        None if past is None or ahead is None else past + step + ahead,
        None if decoder_past is None else -(-decoder_past // step),
        None if decoder_ahead is None else (decoder_ahead + step - 1) // step,
    )


def _look_ahead(ledger: Ledger, *sides: Side) -> int | None:
    total = 0
    for row in ledger.rows:
        if row.side in sides:
            if row.delay_samples is None:
                return None
            total += row.delay_samples
    return total


def _past(ledger: Ledger, side: Side) -> int | None:
    total = 0
    for row in ledger.rows:
        if row.side == side:
            if row.past_samples is None:
                return None
            total += row.past_samples
    return total
