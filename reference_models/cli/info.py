"""``lrac-codec info``: describe a file of this program, or a training run."""

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
  lrac-codec info track1.safetensors
  lrac-codec info runs/track1
  lrac-codec info runs/track1/last.safetensors""",
)
def info(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|RUN",
            help="A .lrac file, a file of weights, the folder of a training run, or a state in it.",
        ),
    ],
) -> None:
    """Say what FILE or RUN is; of a run, also how far it is, and its validation curve."""
    from lrac_audit.files import check_regular_file, is_folder

    if is_folder(target):
        _say_run(target)
        return
    check_regular_file(target)
    if _is_bitstream(target):
        _say_facts(_bitstream_facts(target))
    elif _is_checkpoint(target):
        _say_run(target)
    else:
        _say_facts(_weights_facts(target))


def _say_facts(facts: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in facts) + 2
    say("".join(f"{name:{width}}{value}\n" for name, value in facts))


def _is_bitstream(file: Path) -> bool:
    from lrac_audit.files import READABLE, path_error
    from reference_models.bitstream.header import MAGIC

    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise path_error(file, error, READABLE) from None


def _is_checkpoint(file: Path) -> bool:
    from reference_models.nn.tensor_file import read_tensor_file
    from reference_models.training.run_description import FORMAT

    return read_tensor_file(file, metadata_only=True).metadata.get("format") == FORMAT


def _say_run(target: Path) -> None:
    """Describe a run by its folder or one of its checkpoints."""
    from lrac_audit.console.terminal import output_screen
    from reference_models.training.run_folder import RunFolder
    from reference_models.training.run_summary import checkpoint_facts, curve_table, folder_facts

    is_file = target.is_file()
    facts, description = checkpoint_facts(target) if is_file else folder_facts(RunFolder(target))
    _say_facts(facts)
    if description.curve:
        screen = output_screen()
        title = screen.heading("mel loss of validation")
        say(f"\n{title}{screen.table(curve_table(description.curve))}")


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
