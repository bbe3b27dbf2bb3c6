"""``lrac-codec stream``: run the codec frame by frame, as a device would."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console import options as shared
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver, outputs
from lrac_audit.errors import InputError, Problem
from lrac_audit.report.formats.registry import format_names, rendered
from reference_models.cli import options
from reference_models.cli.stream_report import StreamReport

FORMATS = format_names(StreamReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec stream --simulate speech.wav --weights track1.safetensors --bitrate 6
  lrac-codec stream --simulate speech.wav --weights t1.transmit.safetensors \\
      --receive-weights t1.receive.safetensors --format json > times.json""",
)
def stream(
    audio: Annotated[
        Path,
        typer.Option(
            "--simulate",
            metavar="AUDIO",
            help="The WAV or FLAC file that stands in for a microphone.",
        ),
    ],
    design: options.ExpectedDesign = None,
    weights: options.Weights = None,
    receive_weights: Annotated[
        Path | None,
        typer.Option(
            "--receive-weights",
            metavar="FILE",
            help="Weights of the receive side, if the others hold the transmit side only.",
            rich_help_panel=options.MODE_PANEL,
        ),
    ] = None,
    bitrate: options.Bitrate = None,
    threads: Annotated[int, options.threads()] = 1,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> None:
    """Run a file through both sides one frame at a time, as fast as it goes.

    Prints what a frame takes (median, 99th percentile, worst), the time per second of audio (the
    real-time factor) of each side, and how late the output is, beside the audit's figure. No
    audio is written.
    """
    from reference_models.audio.reading import open_audio

    wanted = outputs(requested_formats, output, FORMATS)
    source = open_audio(audio)
    from torch import get_num_threads

    from lrac_audit.auditing.audit import active_layers
    from lrac_audit.console.progress import progress_bar
    from reference_models.audio.conversion import convert, converted_samples
    from reference_models.cli.loading import load_pair, use_threads
    from reference_models.streaming.simulation import measure_delay, simulate

    use_threads(threads)
    transmit, receive = load_pair(weights, receive_weights, design)
    layers = active_layers(transmit.design, bitrate)
    rate_hz = transmit.design.sample_rate_hz
    samples = converted_samples(source.samples, source.rate_hz, rate_hz)
    if samples < transmit.design.hop_samples:
        allowed = f"at least one frame, {transmit.design.hop_samples} samples"
        raise InputError(str(audio), [Problem("length", f"{samples} samples", allowed)])
    blocks = convert(source, rate_hz, transmit.design.audio_channels)
    with progress_bar(f"streaming {audio.name}", samples) as advance:
        times = simulate(transmit, receive, blocks, layers, advance)
    delay = measure_delay(transmit, receive, layers)
    form = " to ".join(dict.fromkeys([transmit.variant, receive.variant]))
    report = StreamReport(transmit.design, layers, form, get_num_threads(), times, delay)
    deliver(rendered(report, wanted))
