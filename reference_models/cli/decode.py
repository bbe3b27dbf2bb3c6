"""``lrac-codec decode``: decode a ``.lrac`` file to audio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import warn
from lrac_audit.console.written_files import written_file
from lrac_audit.errors import InputError, Problem
from reference_models.cli import options
from reference_models.cli.standard_streams import INPUT, is_standard, readable, report, writable

if TYPE_CHECKING:
    from lrac_audit.design.parts import CodecDesign
    from reference_models.bitstream.reader import Bitstream

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec decode speech.lrac speech.wav --weights track1.safetensors
  lrac-codec decode speech.lrac rough.wav --weights track1.safetensors --bitrate 1
  lrac-codec decode speech.lrac - --weights track1.safetensors | aplay""",
)
def decode(
    coded: Annotated[Path, typer.Argument(help="The .lrac file; - for standard input.")],
    out: Annotated[
        Path,
        typer.Argument(callback=written_file, help="The WAV file to write; - for standard output."),
    ],
    design: options.ExpectedDesign = None,
    weights: options.Weights = None,
    bitrate: Annotated[
        float | None,
        typer.Option(
            "--bitrate",
            metavar="KBPS",
            help="Decode with no more layers than this mode has; the same as encoding with it. "
            "Default: all that were sent.",
            rich_help_panel=options.MODE_PANEL,
        ),
    ] = None,
    threads: options.Threads = None,
) -> None:
    """Decode CODED, a .lrac file, into OUT, a WAV file of 16 bits at the codec's rate.

    A file that is cut off is decoded up to its last whole frame, with a warning.
    """
    from reference_models.bitstream.reader import open_bitstream

    with readable(coded) as coded_path, writable(out) as audio_path:
        bitstream = open_bitstream(coded_path)
        from lrac_audit.console.progress import progress_bar
        from reference_models.cli.loading import load_codec, use_threads
        from reference_models.streaming.file_coding import decode_file, fingerprints

        use_threads(threads)
        codec = load_codec(weights, design, "receive")
        bitstream.check_codec(codec.design, fingerprints(codec))
        layers = _layers(bitstream, codec.design, bitrate)
        for warning in bitstream.warnings:
            warn(f"warning: {INPUT if is_standard(coded) else coded}: {warning}")
        with progress_bar(f"decoding {coded.name}", bitstream.audio_samples) as advance:
            decode_file(codec, bitstream, audio_path, layers, advance)
    seconds = bitstream.audio_samples / codec.design.sample_rate_hz
    report(out, f"{seconds:.3f} s from {codec.design.bitrate_kbps(layers):g} kbps")


def _layers(bitstream: Bitstream, design: CodecDesign, bitrate: float | None) -> int:
    """Return the layers to decode; the mode of ``bitrate`` must not have more than were sent."""
    from lrac_audit.auditing.audit import active_layers

    sent = bitstream.header.layers
    wanted = sent if bitrate is None else active_layers(design, bitrate)
    if wanted > sent:
        allowed = f"at most what the file holds, {bitstream.header.bitrate_kbps:g} kbps"
        raise InputError(str(bitstream.path), [Problem("--bitrate", f"{bitrate:g} kbps", allowed)])
    return wanted
