"""``lrac-codec info``: describe a file of this program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say, warn

if TYPE_CHECKING:
    from reference_models.bitstream.header import Header

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec info speech.lrac
  lrac-codec info track1.safetensors""",
)
def info(
    file: Annotated[Path, typer.Argument(help="A .lrac file or a file of weights.")],
) -> None:
    """Say what FILE is: a .lrac file, or weights in safetensors."""
    from lrac_audit.files import READABLE, check_regular_file, path_error
    from reference_models.bitstream.header import MAGIC

    check_regular_file(file)
    try:
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC))
    except OSError as error:
        raise path_error(file, error, READABLE) from None
    lines = _bitstream_facts(file) if start == MAGIC else _weights_facts(file)
    width = max(len(name) for name, _ in lines) + 2
    say("".join(f"{name:{width}}{value}\n" for name, value in lines))


def _bitstream_facts(file: Path) -> list[tuple[str, str]]:
    from reference_models.bitstream.reader import open_bitstream

    bitstream = open_bitstream(file)
    header = bitstream.header
    for warning in bitstream.warnings:
        warn(f"warning: {file}: {warning}")
    return [
        ("format", f"lrac {header.version}"),
        ("audio", f"{header.audio_samples:,} samples at {header.sample_rate_hz:,} Hz"),
        ("duration", f"{header.audio_samples / header.sample_rate_hz:.3f} s"),
        ("bitrate", f"{header.bitrate_kbps:g} kbps"),
        ("frames", f"{header.frames:,} of {header.hop_samples} samples"),
        ("frame", _frame(header)),
        ("header", f"{header.size_bytes} bytes"),
        ("payload", f"{header.payload_bytes:,} bytes"),
        ("design", header.fingerprints.design),
        ("weights", header.fingerprints.weights),
    ]


def _frame(header: Header) -> str:
    bits = header.index_bits
    layers = f"{header.layers} layer" + "s" * (header.layers != 1)
    if len(bits) == header.layers and len(set(bits)) == 1:
        return f"{layers} x {bits[0]} bits"
    return f"{layers}, indices of {' + '.join(map(str, bits))} = {header.bits_per_frame} bits"


def _weights_facts(file: Path) -> list[tuple[str, str]]:
    from reference_models.cli.loading import load_codec
    from reference_models.streaming.file_coding import fingerprints

    codec = load_codec(file, None)
    design = codec.design
    modes = ", ".join(f"{kbps:g}" for kbps in design.bitrates_kbps)
    tensors = codec.state_dict().values()
    return [
        ("format", "weights"),
        ("codec", design.name),
        ("form", codec.variant),
        ("audio", f"{design.sample_rate_hz:,} Hz, {design.audio_channels} channel(s)"),
        ("modes", f"{modes} kbps" if modes else "none: the latent is continuous"),
        ("values", f"{sum(tensor.numel() for tensor in tensors):,}"),
        ("file", f"{file.stat().st_size:,} bytes"),
        ("design", fingerprints(codec).design),
        ("weights", fingerprints(codec).weights),
    ]
