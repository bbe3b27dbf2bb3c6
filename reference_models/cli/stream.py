"""``lrac-codec stream``: the codec as a device would run it."""

from __future__ import annotations

from pathlib import Path

import click

from lrac_audit.cli.common import say
from lrac_audit.errors import InputError, Problem
from reference_models.cli import options


@click.command(
    short_help="Run a file frame by frame, and time every frame.",
    epilog="""\b
Examples:
  lrac-codec stream --simulate speech.wav --weights track1.safetensors --bitrate 6
  lrac-codec stream --simulate speech.wav --weights t1.transmit.safetensors \\
      --receive-weights t1.receive.safetensors --format json > times.json""",
)
@click.option(
    "--simulate",
    "audio",
    metavar="AUDIO",
    type=click.Path(path_type=Path),
    required=True,
    help="The WAV or FLAC file that stands in for a microphone.",
)
@options.expected_design
@options.weights
@click.option(
    "--receive-weights",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Weights of the receive side, if the others hold the transmit side only.",
)
@options.bitrate
@options.threads(1)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table, or every frame's times.",
)
def stream(
    audio: Path,
    design: str | None,
    weights: Path | None,
    receive_weights: Path | None,
    bitrate: float | None,
    threads: int,
    format_name: str,
) -> None:
    """Run a file through both sides one frame at a time, as fast as it goes.

    Prints what a frame takes (median, 99th percentile, worst), the time per second of audio (the
    real-time factor) of each side, and how late the output is, beside the audit's figure. Nothing
    is written.
    """
    from reference_models.audio.reading import open_audio

    source = open_audio(audio)
    from lrac_audit.auditing.audit import active_layers
    from reference_models.audio.conversion import convert, converted_samples
    from reference_models.cli.loading import load_pair, use_threads
    from reference_models.cli.progress import progress
    from reference_models.cli.stream_report import as_json, as_table
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
    with progress(f"streaming {audio.name}", samples) as advance:
        times = simulate(transmit, receive, blocks, layers, advance)
    render = as_json if format_name == "json" else as_table
    delay = measure_delay(transmit, receive, layers)
    form = " to ".join(dict.fromkeys([transmit.variant, receive.variant]))
    say(render(transmit.design, layers, form, times, delay))
