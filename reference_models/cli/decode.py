"""``lrac-codec decode``: from a ``.lrac`` file to audio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrac_audit.cli.common import say, warn
from lrac_audit.errors import InputError, Problem
from reference_models.cli import options

if TYPE_CHECKING:
    from lrac_audit.design.parts import CodecDesign
    from reference_models.bitstream.reader import Bitstream


@click.command(
    short_help="Decode a .lrac file into a WAV file.",
    epilog="""\b
Examples:
  lrac-codec decode speech.lrac speech.wav --weights track1.safetensors
  lrac-codec decode speech.lrac rough.wav --weights track1.safetensors --bitrate 1""",
)
@click.argument("coded", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@options.expected_design
@options.weights
@click.option(
    "--bitrate",
    metavar="KBPS",
    type=float,
    help="Decode with no more layers than this mode has; the same as encoding with it. "
    "Default: all that were sent.",
)
@options.threads(None)
def decode(
    coded: Path,
    out: Path,
    design: str | None,
    weights: Path | None,
    bitrate: float | None,
    threads: int | None,
) -> None:
    """Decode CODED, a .lrac file, into OUT, a WAV file of 16 bits at the codec's rate.

    A file that is cut off is decoded up to its last whole frame, with a warning.
    """
    from lrac_audit.files import check_other_file
    from reference_models.bitstream.reader import open_bitstream

    check_other_file(out, coded)
    bitstream = open_bitstream(coded)
    from reference_models.cli.loading import load_codec, use_threads
    from reference_models.cli.progress import progress
    from reference_models.streaming.file_coding import decode_file, fingerprints

    use_threads(threads)
    codec = load_codec(weights, design, "receive")
    bitstream.check_codec(codec.design, fingerprints(codec))
    layers = _layers(bitstream, codec.design, bitrate)
    for warning in bitstream.warnings:
        warn(f"warning: {coded}: {warning}")
    with progress(f"decoding {coded.name}", bitstream.audio_samples) as advance:
        decode_file(codec, bitstream, out, layers, advance)
    seconds = bitstream.audio_samples / codec.design.sample_rate_hz
    say(f"{out}: {seconds:.3f} s from {codec.design.bitrate_kbps(layers):g} kbps\n")


def _layers(bitstream: Bitstream, design: CodecDesign, bitrate: float | None) -> int:
    """Layers to decode; the mode of ``bitrate`` must not have more than were sent."""
    from lrac_audit.auditing.audit import active_layers

    sent = bitstream.header.layers
    wanted = sent if bitrate is None else active_layers(design, bitrate)
    if wanted > sent:
        allowed = f"at most what the file holds, {bitstream.header.bitrate_kbps:g} kbps"
        raise InputError(str(bitstream.path), [Problem("--bitrate", f"{bitrate:g} kbps", allowed)])
    return wanted
