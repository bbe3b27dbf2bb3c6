"""``lrac-codec stream``: run the codec frame by frame, as a device would."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console import options as shared
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import deliver
from lrac_audit.errors import InputError, Problem
from lrac_audit.report.formats.registry import format_names, rendered
from lrac_audit.report.formats.requests import outputs
from reference_models.cli import options
from reference_models.cli.stream_report import StreamReport
from reference_models.streaming.engine_registry import DEFAULT_ENGINE, ENGINES

FORMATS = format_names(StreamReport)

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec stream --simulate speech.wav --weights track1.safetensors --bitrate 6
  lrac-codec stream --simulate speech.wav --weights t1.transmit.safetensors \\
      --receive-weights t1.receive.safetensors --format json > times.json
  lrac-codec stream --simulate speech.wav --weights track1.safetensors --engine c""",
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
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="NAME",
            help=f"What runs the codec: {', '.join(ENGINES)}.",
            autocompletion=complete_from(lambda: ENGINES),
            show_default=True,
        ),
    ] = DEFAULT_ENGINE,
    threads: Annotated[int, options.threads()] = 1,
    requested_formats: Annotated[shared.Formats, shared.formats(FORMATS)] = None,
    output: shared.Output = None,
) -> None:
    """Run a file through both sides one frame at a time, as fast as it goes.

    Prints for each side what a frame takes (median, 99th percentile, worst, the worst with the
    first frames of the process), how many frames take longer than they last, the time per second of
    audio (the real-time factor), and how late the output is, beside the audit's figure. No audio
    is written.
    """
    from reference_models.audio.reading import open_audio

    wanted = outputs(requested_formats, output, FORMATS)
    source = open_audio(audio)
    from lrac_audit.auditing.audit import active_layers
    from lrac_audit.console.progress import progress_bar
    from reference_models.audio.conversion import convert, converted_samples
    from reference_models.cli.loading import load_pair
    from reference_models.streaming.delay_measurement import measure_delay
    from reference_models.streaming.live_codec import LiveCodec
    from reference_models.streaming.simulation import simulate

    transmit, receive = load_pair(weights, receive_weights, design)
    layers = active_layers(transmit.design, bitrate)
    rate_hz = transmit.design.sample_rate_hz
    samples = converted_samples(source.samples, source.rate_hz, rate_hz)
    if samples < transmit.design.hop_samples:
        allowed = f"at least one frame, {transmit.design.hop_samples} samples"
        raise InputError(str(audio), [Problem("length", f"{samples} samples", allowed)])
    live = LiveCodec(transmit, receive, engine=engine, threads=threads)
    blocks = convert(source, rate_hz, transmit.design.audio_channels)
    with progress_bar(f"streaming {audio.name}", samples) as advance:
        simulation = simulate(live, blocks, layers, advance)
    delay = measure_delay(transmit, receive, layers)
    report = StreamReport(live.design, layers, live.form, engine, threads, simulation, delay)
    deliver(rendered(report, wanted))
