"""Verify the audit of a design: build its model, and compare the ledger with every witness.

The names of the rows of a ledger are the paths of the modules of the model, so everything is
compared row by row.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from lrac_audit.design.parts import CodecDesign
from lrac_audit.ledger.agreement import (
    Agreement,
    Finding,
    compared,
    label,
    macs_by,
    nearest,
    shown_delay,
)
from lrac_audit.ledger.latency import first_of, unbounded_rows
from lrac_audit.ledger.latency import latency as delays
from lrac_audit.ledger.memory import memory
from lrac_audit.ledger.row import Ledger, Row, Side
from lrac_audit.ledger.totals import part_of
from lrac_audit.progress import Progress, tell_nobody
from lrac_audit.witness import fvcore, latency, trace
from lrac_audit.witness.fvcore.ledger_comparison import compare_modules, compare_stages
from lrac_audit.witness.isolation import one_thread
from lrac_audit.witness.measured_codec import find_mode
from reference_models.audit import adapter as reference
from reference_models.audit.exported_graphs import compare_graphs, is_exported
from reference_models.nn.absorb import absorb
from reference_models.nn.build import build
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.codec import Codec, Receiver, Transmitter
from reference_models.nn.conv import fold_weight_norm
from reference_models.streaming.delay_measurement import measure_delay

SEED = 0
QUANTIZER = "quantizer"
SETTLING_FRAMES = 4
"""Frames beyond the delay after which the state of a stream no longer changes in size."""


def verify_design(
    design: CodecDesign, ledger: Ledger, progress: Progress | None = None
) -> Agreement:
    """Compare the ledger with all witnesses of a model of ``design`` in the mode of the ledger."""
    with one_thread():
        return _verify(design, ledger, progress or tell_nobody)


def _verify(design: CodecDesign, ledger: Ledger, tell: Progress) -> Agreement:
    layers = ledger.mode.active_layers or 0  # 0 where nothing is quantized
    tell("building the model")
    transmit, receive = build_sides(design, ledger)
    target = reference.target_of(transmit, receive)
    mode = find_mode(target, ledger.mode.bitrate_kbps)
    tell("tracing operators")
    traced = trace.measure(target, mode, progress=tell)
    rows = [row._replace(name=_ledger_name(row.name)) for row in traced.rows]
    tell("asking fvcore")
    fvcore_count = fvcore.measure(target, mode, traced.period_hops, traced.macs_by_stage)
    tell("measuring latency")
    delay = latency.measure(target, mode, progress=tell)
    findings = [
        *_work(ledger, rows),
        *_fvcore(ledger, fvcore_count, traced),
        *_delay(ledger, delay),
    ]
    remarks = [*traced.problems, *delay.problems]
    waiting = unbounded_rows(ledger)
    if waiting:
        remarks.append(f"no stream was run: no bound on the delay of {first_of(waiting)}")
    else:
        tell("running a stream")
        findings += _stream(ledger, transmit, receive, layers)
        if is_exported(ledger, transmit):
            tell("exporting graphs")
            exported = compare_graphs(ledger, transmit, receive, layers)
            findings += exported.findings
            remarks += exported.remarks
    return Agreement(tuple(findings), tuple(dict.fromkeys(remarks)))


def build_sides(design: CodecDesign, ledger: Ledger) -> tuple[Codec, Codec]:
    """Return the sender and the receiver of a model of ``design``, in the form of ``ledger``.

    No measurement depends on the weights, as long as no codebook is empty.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(SEED)
        codec = build(design).eval()
        fold_weight_norm(codec)
        for codebook in trained_codebooks(codec):
            codebook.embed.normal_()
            codebook.inited.fill_(1)
    if ledger.mode.rvq == "projected" or not trained_codebooks(codec.quantizer):
        return codec, codec  # without codebooks, both forms are one
    pair = absorb(codec)
    return pair.transmit, pair.receive


def _ledger_name(name: str) -> str:
    """Return the name that the ledger has for a module of the model."""
    prefix = f"{reference.RECEIVE_QUANTIZER}."
    return f"quantizer.{name.removeprefix(prefix)}" if name.startswith(prefix) else name


def _work(ledger: Ledger, rows: list[Row]) -> Iterator[Finding]:
    """Compare the operator trace: multiply-accumulates of each row and of each stage."""
    names = names_of(ledger)
    expected = macs_by(ledger.rows, lambda row: label(row.side, row.name))
    found = macs_by(rows, lambda row: label(row.side, nearest(row.side, row.name, names)))
    yield from compared("operator trace", "row", "macs_per_frame", expected, found)
    expected, found = macs_by(ledger.rows, part_of), macs_by(rows, part_of)
    yield from compared("operator trace", "stage", "macs_per_frame", expected, found)


def names_of(ledger: Ledger) -> set[tuple[Side, str]]:
    """Return the side and name of every row of ``ledger``."""
    return {(row.side, row.name) for row in ledger.rows}


def _fvcore(
    ledger: Ledger, fvcore_count: fvcore.FvcoreCount, traced: trace.Trace
) -> Iterator[Finding]:
    """Compare fvcore: each module that it tells apart, and each stage."""
    yield from compare_modules(ledger, fvcore_count, traced, _ledger_name)
    yield from compare_stages(ledger, fvcore_count, traced)


def _delay(ledger: Ledger, delay: latency.MeasuredLatency) -> Iterator[Finding]:
    """Compare the look-ahead of each row and of each side, and both bounds of the total.

    The look-ahead of a side that needs the whole clip is not divided among its rows. The quantizer
    is one entry: most of its operations belong to no module.
    """
    sides: list[tuple[Side, latency.SideLatency]] = [("transmit", delay.transmit)]
    if delay.receive is not None:
        sides.append(("receive", delay.receive))
    names = {place for place in names_of(ledger) if not _in_quantizer(place[1])}
    bounded = {side for side, measured in sides if measured.look_ahead_samples is not None}
    expected = {
        label(r.side, QUANTIZER if r.stage == "rvq" else r.name): r.delay_samples
        for r in ledger.rows
        if r.delay_samples and r.side in bounded
    }
    found: dict[str, int | None] = {}
    for side, measured in sides:
        for module, added in measured.attribution:
            if added:
                inside = QUANTIZER if _in_quantizer(module) else nearest(side, module, names)
                name = label(side, inside)
                found[name] = (found.get(name) or 0) + added
    yield from compared("dependency", "row", "delay_samples", expected, found)
    walked = delays(ledger)
    yield from compared(
        "dependency",
        "side",
        "delay_samples",
        {"transmit side": walked.transmit_samples, "receive side": walked.receive_samples},
        {f"{side} side": measured.look_ahead_samples for side, measured in sides},
    )
    total = walked.total_samples
    yield from compared(
        "dependency", "codec", "delay_samples", {"total": total}, {"total": delay.total_samples}
    )
    if total is not None:
        yield shown_delay(total, delay.lower_total_samples, delay.parting)


def _in_quantizer(module: str) -> bool:
    """Return whether a module is in the quantizer, which also works outside any module."""
    return not module or module.split(".")[0] in (QUANTIZER, reference.RECEIVE_QUANTIZER)


def _stream(ledger: Ledger, transmit: Codec, receive: Codec, layers: int) -> Iterator[Finding]:
    """Compare a run frame by frame: the delay until the first response, and the state kept."""
    total = delays(ledger).total_samples
    delay = measure_delay(transmit, receive, layers)
    yield from compared(
        "streaming run",
        "codec",
        "delay_samples",
        {"first response": total},
        {"first response": delay.worst_samples},
    )
    sender, receiver = Transmitter(transmit, layers), Receiver(receive)
    frames = SETTLING_FRAMES + delay.worst_samples // ledger.hop_samples
    channels = transmit.design.audio_channels
    receiver.push(sender.push(torch.zeros(1, channels, frames * ledger.hop_samples)))
    streams: list[tuple[Side, Transmitter | Receiver]]
    streams = [("transmit", sender), ("receive", receiver)]
    for side, stream in streams:
        kept, stored = stream.footprint(), memory(ledger, side)
        yield from compared(
            "streaming run",
            "side",
            "state_values",
            {f"{side} side": stored.state_values, f"{side} skip paths": stored.held_values},
            {f"{side} side": kept.state_values, f"{side} skip paths": kept.held_values},
        )
