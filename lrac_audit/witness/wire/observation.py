"""Observe what a codec's transmitter hands over, and what its receiver makes of it alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lrac_audit.ledger.bitstream import Bitstream
from lrac_audit.limits.bitstream import exceeds
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness.isolation import restored
from lrac_audit.witness.model_state import ModelState
from lrac_audit.witness.packages import noted
from lrac_audit.witness.signals import Signal, medley
from lrac_audit.witness.target import AuditTarget, TargetMode, in_dtype_of
from lrac_audit.witness.wire.comparison import received_apart
from lrac_audit.witness.wire.leaves import leaves_of, parted
from lrac_audit.witness.wire.levels import Run, code_streams
from lrac_audit.witness.wire.randomness import seeded
from lrac_audit.witness.wire.tables import (
    all_lookups,
    lookups_of,
    lookups_per_hop,
    table_bits_per_hop,
)

LENGTHS_IN_HOPS = ((2, 4), (12, 24), (60, 120), (300, 600))
"""Lengths to try in turn: the longer ones for codecs that work in segments."""
CLIP_S = 0.1
"""The longer clip of the first try lasts at least so long."""
OTHER_MODES = 4
"""So many modes beside the audited one are held to their bitrates, the lowest first."""


def observe(
    target: AuditTarget, mode: TargetMode, *, progress: Progress | None = None
) -> Bitstream:
    """Return what ``target`` hands from side to side in ``mode``, and what is wrong with it.

    Attributes of the model are left as they were. Values of its tensors are the caller's to
    restore.
    """
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
        why = "" if failure is None else noted(failure)
        return Bitstream(mode.bitrate_kbps, (), (), (f"the bitstream: it did not run: {why}",))
    sentence = "the bitstream: no codes were seen that grow with the clip"
    return found._replace(unchecked=(*found.unchecked, sentence))


def _lengths(target: AuditTarget) -> list[tuple[int, int]]:
    """Return the lengths to try; those of the first try are longer where hops are short."""
    short, long = LENGTHS_IN_HOPS[0]
    times = max(1, math.ceil(CLIP_S * target.sample_rate_hz / target.hop_samples / long))
    return [(short * times, long * times), *LENGTHS_IN_HOPS[1:]]


def _observed(target: AuditTarget, mode: TargetMode, short_hops: int, long_hops: int) -> Bitstream:
    """Return what is seen in ``mode`` at two lengths, and which other modes need too many bits."""
    other_clip = _other_clip(target, short_hops)
    state = ModelState(target)
    with restored(state):
        apart = received_apart(target, mode, partial(_transmitted, target, mode, other_clip))
    modes = [mode, *[other for other in target.modes if other is not mode][:OTHER_MODES]]
    runs = zip(
        _runs(target, modes, state, short_hops, _clip(target, short_hops)),
        _runs(target, modes, state, long_hops, _clip(target, long_hops)),
        _runs(target, modes, state, short_hops, other_clip),
        strict=True,
    )
    hops_per_s = target.sample_rate_hz / target.hop_samples
    seen, *others = (_bitstream(*each, hops_per_s) for each in zip(modes, runs, strict=True))
    lies = [
        f"the mode of {other.declared_kbps:g} kbps needs {other.observed_kbps:.4g}"
        for other in others
        if exceeds(other)
    ]
    return seen._replace(
        broken=(*seen.broken, *apart.broken, *lies), unchecked=(*seen.unchecked, *apart.unchecked)
    )


def _runs(
    target: AuditTarget, modes: Sequence[TargetMode], state: ModelState, hops: int, audio: Tensor
) -> list[Run]:
    """Return what each of ``modes`` hands over for one clip; ``state`` is as before afterwards."""
    with restored(state), torch.no_grad(), seeded():
        latent = target.transmit(audio)
        found = []
        for mode in modes:
            codes = parted(mode.quantise(latent))
            found.append(Run(hops, tuple(leaves_of(codes)), lookups_of(mode.dequantise, codes)))
    return found


def _bitstream(mode: TargetMode, runs: tuple[Run, Run, Run], hops_per_s: float) -> Bitstream:
    """Return the bitstream of one mode from a short run, a long one, and one of another clip."""
    short, long, _ = runs
    seen = code_streams(*runs, hops_per_s)
    codes_per_hop = sum(stream.values_per_s for stream in seen.streams) / hops_per_s
    few, many = (all_lookups(run.lookups) for run in (short, long))
    lookups = lookups_per_hop(few, many, long.hops - short.hops)
    table_bits = table_bits_per_hop(lookups, codes_per_hop)
    return Bitstream(
        mode.bitrate_kbps, seen.streams, seen.broken, seen.unsure, table_bits * hops_per_s
    )


def _clip(target: AuditTarget, hops: int, make: Signal = medley) -> Tensor:
    """Return the target's own signal, by default that of ``make``."""
    signal = target.signal or make
    samples = hops * target.hop_samples
    return in_dtype_of(target, signal(target.audio_channels, samples, target.sample_rate_hz))


def _other_clip(target: AuditTarget, hops: int) -> Tensor:
    """Return a clip in another order and at another level.

    Its peak is not 1, which a receiver may take for a scale that it was not told.
    """
    return 0.7 * _clip(target, hops, partial(medley, backwards=True))


def _transmitted(target: AuditTarget, mode: TargetMode, audio: Tensor) -> Any:
    with torch.no_grad(), seeded():
        return mode.quantise(target.transmit(audio))
