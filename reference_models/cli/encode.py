"""``lrac-codec encode``: encode audio to a ``.lrac`` file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.written_files import written_file
from reference_models.cli import options
from reference_models.cli.standard_streams import is_standard, readable, report, writable

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec encode speech.wav speech.lrac --design track1 --weights track1.safetensors
  lrac-codec encode "my talk.flac" talk.lrac --weights track1.safetensors --bitrate 1
  ffmpeg -i talk.mp4 -f wav - | lrac-codec encode - talk.lrac --weights track1.safetensors""",
)
def encode(
    audio: Annotated[Path, typer.Argument(help="The WAV or FLAC file; - for standard input.")],
    out: Annotated[
        Path,
        typer.Argument(
            callback=written_file, help="The .lrac file to write; - for standard output."
        ),
    ],
    design: options.ExpectedDesign = None,
    weights: options.Weights = None,
    bitrate: options.Bitrate = None,
    threads: options.Threads = None,
) -> None:
    """Encode AUDIO, a WAV or FLAC file, into OUT.

    Any rate from 4 to 768 kHz and up to 6 channels: channels are mixed to their mean and the
    result is resampled (soxr, HQ). What decodes from OUT is at the codec's rate R and has
    round(samples * R / rate) samples: as long as the input.
    """
    from reference_models.audio.reading import open_audio

    with readable(audio) as audio_path, writable(out) as coded_path:
        source = open_audio(audio_path, from_pipe=is_standard(audio))
        from lrac_audit.auditing.audit import active_layers
        from lrac_audit.console.progress import progress_bar
        from reference_models.audio.conversion import converted_samples
        from reference_models.cli.loading import load_codec, use_threads
        from reference_models.streaming.file_coding import encode_file

        use_threads(threads)
        codec = load_codec(weights, design, "transmit")
        layers = active_layers(codec.design, bitrate)
        samples = converted_samples(source.samples, source.rate_hz, codec.design.sample_rate_hz)
        with progress_bar(f"encoding {audio.name}", samples) as advance:
            encode_file(codec, source, coded_path, layers, advance)
    seconds = samples / codec.design.sample_rate_hz
    report(out, f"{seconds:.3f} s at {codec.design.bitrate_kbps(layers):g} kbps")
