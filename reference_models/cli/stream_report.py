"""Report of a simulated stream, as a table and as JSON."""

from __future__ import annotations

import json

import numpy as np
import torch
from numpy.typing import NDArray

from lrac_audit.console.layout import Column, Table
from lrac_audit.console.screen import Screen
from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.latency import Latency, latency
from lrac_audit.ledger.walk import walk
from reference_models.streaming.simulation import Delay, FrameTimes

SCHEMA_VERSION = 1


def as_table(
    design: CodecDesign,
    layers: int,
    form: str,
    times: FrameTimes,
    delay: Delay,
    screen: Screen,
) -> str:
    """Return times per frame of each side, and the delay beside the audit's figure."""
    frame_s = 1 / design.frame_rate_hz
    heading = (
        f"{design.name}, {form}, {design.bitrate_kbps(layers):g} kbps\n"
        f"{len(times.transmit_s):,} frames of {1000 * frame_s:g} ms, "
        f"threads: {torch.get_num_threads()}\n\n"
    )
    names = ("median ms", "p99 ms", "worst ms", "real-time factor")
    columns = [Column("side"), *(Column(name, right=True) for name in names)]
    rows = [
        [side, *(f"{1000 * value:.3f}" for value in _spread(seconds)), _factor(seconds, frame_s)]
        for side, seconds in _sides(times).items()
    ]
    return (
        f"{heading}{screen.table(Table(columns, rows))}\n{_delays(design, layers, delay, screen)}"
    )


def as_json(design: CodecDesign, layers: int, form: str, times: FrameTimes, delay: Delay) -> str:
    """Return the same as JSON, with every frame's times in seconds."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "design": design.name,
        "form": form,
        "bitrate_kbps": design.bitrate_kbps(layers),
        "threads": torch.get_num_threads(),
        "frame_s": 1 / design.frame_rate_hz,
        "delay": delay._asdict(),
        "analytic_delay_samples": _analytic(design, layers).total_samples,
        "transmit_s": times.transmit_s.tolist(),
        "receive_s": times.receive_s.tolist(),
    }
    return json.dumps(document, allow_nan=False) + "\n"


def _sides(times: FrameTimes) -> dict[str, NDArray[np.float64]]:
    both = times.transmit_s + times.receive_s
    return {"transmit": times.transmit_s, "receive": times.receive_s, "both": both}


def _spread(seconds: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the median, the 99th percentile and the maximum."""
    return float(np.median(seconds)), float(np.percentile(seconds, 99)), float(seconds.max())


def _factor(seconds: NDArray[np.float64], frame_s: float) -> str:
    return f"{seconds.mean() / frame_s:.4f}"


def _delays(design: CodecDesign, layers: int, delay: Delay, screen: Screen) -> str:
    analytic = _analytic(design, layers)
    assert analytic.transmit_samples is not None  # always known from a design
    to_codes = analytic.buffering_samples + analytic.transmit_samples
    rows = [
        ("until the first codes", delay.first_codes_samples, f"{to_codes:,}"),
        ("until the first audio", delay.first_audio_samples, ""),
        ("total", delay.worst_samples, f"{analytic.total_samples:,}"),
    ]
    columns = [Column("delay"), *(Column(name, right=True) for name in ("samples", "ms", "audit"))]
    ms_per_sample = 1000 / design.sample_rate_hz
    cells = [[what, f"{n:,}", f"{n * ms_per_sample:g}", audit] for what, n, audit in rows]
    return screen.table(Table(columns, cells))


def _analytic(design: CodecDesign, layers: int) -> Latency:
    return latency(walk(design, "projected", layers))
