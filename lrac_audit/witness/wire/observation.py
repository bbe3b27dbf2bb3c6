"""Observe what a codec's transmitter hands over, and what its receiver makes of it alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import attributes_restored, one_thread, tensors_restored
from lrac_audit.witness.packages import raised
from lrac_audit.witness.signals import Signal, medley
from lrac_audit.witness.target import AuditTarget, TargetMode, in_dtype_of
from lrac_audit.witness.wire.leaves import Leaf, leaves_of, parted
from lrac_audit.witness.wire.levels import Run, code_streams
from lrac_audit.witness.wire.randomness import seeded
from lrac_audit.witness.wire.receiver import (
    NoCopy,
    ReceiverCopy,
    ReceiverFailed,
    received,
    same_audio,
)
from lrac_audit.witness.wire.side_channels import Places

LENGTHS_IN_HOPS = ((6, 12), (60, 120), (300, 600))
"""Lengths to try in turn: the longer ones for codecs that work in segments."""
CLIP_S = 0.1
"""The longer clip of the first try lasts at least so long."""
SHOWN_PLACES = 3


def observe(
    target: AuditTarget, mode: TargetMode, *, progress: Progress | None = None
) -> Bitstream:
    """Return what ``target`` hands from side to side in ``mode``, and what is wrong with it."""
    (progress or tell_nobody)("observing what goes over the wire")
    failure: Exception | None = None
    found: Bitstream | None = None
    for lengths in _lengths(target):
        try:
            found = _observed(target, mode, *lengths)
        except Exception as error:  # whatever a codec of others raises, such as at short clips
            failure = error
            continue
        if any(stream.values_per_s for stream in found.streams):
            return found
    if found is None:
        why = "" if failure is None else raised(failure)
        return Bitstream(mode.bitrate_kbps, (), (), (f"the bitstream: it did not run: {why}",))
    sentence = "the bitstream: no codes were seen that grow with the clip"
    return found._replace(unchecked=(*found.unchecked, sentence))


def _lengths(target: AuditTarget) -> list[tuple[int, int]]:
    """Return the lengths to try; those of the first try are longer where hops are short."""
    short, long = LENGTHS_IN_HOPS[0]
    times = max(1, math.ceil(CLIP_S * target.sample_rate_hz / target.hop_samples / long))
    return [(short * times, long * times), *LENGTHS_IN_HOPS[1:]]


def _observed(target: AuditTarget, mode: TargetMode, short_hops: int, long_hops: int) -> Bitstream:
    """Return what is seen at two lengths, and with another signal of the shorter."""
    with _unchanged(target):
        codes, broken, unchecked = _received_apart(target, mode, _clip(target, short_hops))
        short = Run(short_hops, tuple(leaves_of(codes)))
    long, other = (
        Run(hops, _handed_over(target, mode, audio))
        for hops, audio in (
            (long_hops, _clip(target, long_hops)),
            (short_hops, _other_clip(target, short_hops)),
        )
    )
    seen = code_streams(short, long, other, target.sample_rate_hz / target.hop_samples)
    return Bitstream(
        mode.bitrate_kbps, seen.streams, (*seen.broken, *broken), (*seen.unsure, *unchecked)
    )


@contextmanager
def _unchanged(target: AuditTarget) -> Iterator[None]:
    """Leave the model as it was, however it is run."""
    with tensors_restored(target.root), attributes_restored(target.root):
        yield


def _clip(target: AuditTarget, hops: int, make: Signal = medley) -> Tensor:
    """Return the target's own signal, by default that of ``make``."""
    signal = target.signal or make
    samples = hops * target.hop_samples
    return in_dtype_of(target, signal(target.audio_channels, samples, target.sample_rate_hz))


def _other_clip(target: AuditTarget, hops: int) -> Tensor:
    """Return a clip in another order and at another level."""
    return 0.7 * _clip(target, hops, partial(medley, backwards=True))


def _handed_over(target: AuditTarget, mode: TargetMode, audio: Tensor) -> tuple[Leaf, ...]:
    """Return what is handed over for ``audio``, and leave the model as it was."""
    with _unchanged(target):
        return tuple(leaves_of(_transmitted(target, mode, audio)))


def _transmitted(target: AuditTarget, mode: TargetMode, audio: Tensor) -> Any:
    with torch.no_grad(), seeded():
        return mode.quantise(target.transmit(audio))


def _received_apart(
    target: AuditTarget, mode: TargetMode, audio: Tensor
) -> tuple[Any, list[str], list[str]]:
    """Return the codes of ``audio``, and what is wrong with a receiver that never saw it.

    The first list names broken promises, the second what could not be checked.
    """
    receive = target.receive
    assert receive is not None

    def decode(codes: Any) -> Tensor:
        return receive(mode.dequantise(codes))

    places = Places(target.root, (target.transmit, mode.quantise, mode.dequantise, receive))
    try:
        copy = ReceiverCopy(decode)
    except NoCopy as error:
        return _transmitted(target, mode, audio), [], [_not_copied(error)]
    try:
        handed_over = _transmitted(target, mode, audio)
        left, codes = places.changed(), parted(handed_over)
        with one_thread():
            here = received(decode, codes)
        there = copy.receive(codes)
    except ReceiverFailed as error:
        return handed_over, [f"the receiver fails without the transmitter: {error}{_at(left)}"], []
    except NoCopy as error:
        return handed_over, [], [_not_copied(error)]
    finally:
        copy.close()
    if same_audio(here, there):
        return handed_over, [], []
    return handed_over, [f"the receiver's output depends on more than the codes{_at(left)}"], []


def _not_copied(error: NoCopy) -> str:
    return f"the receiver was not run in a copy of its own: {error}"


def _at(places: list[str]) -> str:
    if not places:
        return ""
    more = len(places) - SHOWN_PLACES
    text = ", ".join(places[:SHOWN_PLACES]) + (f" and {more} more" if more > 0 else "")
    return f" (the transmitter leaves something in {text})"
