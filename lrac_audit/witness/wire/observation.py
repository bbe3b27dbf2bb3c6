"""Observe what a codec's transmitter hands over, and what its receiver makes of it alone."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import attributes_restored, one_thread, tensors_restored
from lrac_audit.witness.packages import raised
from lrac_audit.witness.signals import SIGNALS, medley
from lrac_audit.witness.target import AuditTarget, TargetMode, in_dtype_of
from lrac_audit.witness.wire.leaves import leaves_of, parted
from lrac_audit.witness.wire.levels import Observed, Run, code_streams
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
CLIP_S = 0.25
"""The longer clip of the first try lasts at least so long, where that takes no longer hops."""
SHOWN_PLACES = 3


def observe(
    target: AuditTarget, mode: TargetMode, *, progress: Progress | None = None
) -> Bitstream:
    """Return what ``target`` hands from side to side in ``mode``, and what is wrong with it."""
    tell = progress or tell_nobody
    tell("observing what goes over the wire")
    seen, unchecked = Observed((), (), ()), []
    try:
        seen = _seen(target, mode)
        if not any(stream.values_per_s for stream in seen.streams):
            unchecked.append("the bitstream: no codes were seen that grow with the clip")
    except Exception as error:  # whatever a codec of others raises
        unchecked.append(f"the bitstream could not be observed: {raised(error)}")
    tell("running the receiver in a copy of its own")
    broken = list(seen.broken)
    try:
        broken += _side_channels(target, mode)
    except NoCopy as error:
        unchecked.append(f"the receiver was not run in a copy of its own: {error}")
    except Exception as error:  # whatever a codec of others raises
        unchecked.append(f"the receiver could not be run: {raised(error)}")
    return Bitstream(mode.bitrate_kbps, seen.streams, tuple(broken), (*seen.unsure, *unchecked))


def _seen(target: AuditTarget, mode: TargetMode) -> Observed:
    """Return what is handed over, at the first lengths at which it grows with the clip."""
    found = Observed((), (), ())
    failure: Exception | None = None
    for short_hops, long_hops in _lengths(target):
        try:
            short = _run(target, mode, short_hops, 0)
            long = _run(target, mode, long_hops, 0)
            other = _run(target, mode, long_hops, len(SIGNALS) // 2)
        except Exception as error:  # such as a clip that is too short for it
            failure = error
            continue
        found = code_streams(short, long, other, target.sample_rate_hz / target.hop_samples)
        if any(stream.values_per_s for stream in found.streams):
            return found
    if failure is not None and not found.streams:
        raise failure
    return found


def _lengths(target: AuditTarget) -> list[tuple[int, int]]:
    """Return the lengths to try; those of the first try are longer where hops are short."""
    first = LENGTHS_IN_HOPS[0]
    times = max(1, math.ceil(CLIP_S * target.sample_rate_hz / target.hop_samples / first[1]))
    return [(first[0] * times, first[1] * times), *LENGTHS_IN_HOPS[1:]]


def _run(target: AuditTarget, mode: TargetMode, hops: int, start: int) -> Run:
    with tensors_restored(target.root), attributes_restored(target.root), seeded():
        codes = mode.quantise(target.transmit(_clip(target, hops, start)))
    return Run(hops, tuple(leaves_of(codes)))


def _clip(target: AuditTarget, hops: int, start: int) -> Tensor:
    samples = hops * target.hop_samples
    audio = medley(target.audio_channels, samples, target.sample_rate_hz, start=start)
    return in_dtype_of(target, audio)


def _side_channels(target: AuditTarget, mode: TargetMode) -> list[str]:
    """Return what is wrong with a receiver that a copy which never saw the signal disproves.

    Raises:
        NoCopy: there is no such copy.
    """
    assert target.receive is not None
    receive = target.receive
    hops = _lengths(target)[0][0]

    def decode(codes: Any) -> Tensor:
        return receive(mode.dequantise(codes))

    with tensors_restored(target.root), attributes_restored(target.root), one_thread():
        places = Places(target.root, (target.transmit, mode.quantise, mode.dequantise, receive))
        copy = ReceiverCopy(decode)
        try:
            with torch.no_grad(), seeded():
                codes = parted(mode.quantise(target.transmit(_clip(target, hops, 0))))
            left = places.changed()
            here = received(decode, codes)
            there = copy.receive(codes)
        except ReceiverFailed as error:
            return [f"the receiver fails without the transmitter: {error}{_named(left)}"]
        finally:
            copy.close()
    if same_audio(here, there):
        return []
    return [f"the receiver's output depends on more than the codes{_named(left)}"]


def _named(places: list[str]) -> str:
    if not places:
        return ""
    more = len(places) - SHOWN_PLACES
    text = ", ".join(places[:SHOWN_PLACES]) + (f" and {more} more" if more > 0 else "")
    return f" (the transmitter leaves something in {text})"
