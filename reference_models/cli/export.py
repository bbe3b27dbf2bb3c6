"""``lrac-codec export``: write a codec in a form that runs without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say
from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from lrac_audit.design.parts import CodecDesign
    from lrac_audit.ledger.row import Side
    from reference_models.audio.reading import Block

INT8_SIDES: dict[str, tuple[Side, ...]] = {
    "receive": ("receive",),
    "both": ("transmit", "receive"),
}

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec export track1.safetensors track1 --to onnx
  lrac-codec export track1.safetensors track1-low --to onnx --bitrate 1
  lrac-codec export track1.safetensors small --to onnx --int8 receive --calibrate-on speech.wav
  lrac-codec export track1.safetensors track1-c --to c""",
)
def export(
    weights: Annotated[Path, typer.Argument(help="Weights as they were trained.")],
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write into.")],
    to: Annotated[str, typer.Option("--to", metavar="FORM", help="The form: onnx or c.")],
    bitrate: Annotated[
        float | None,
        typer.Option(
            "--bitrate",
            metavar="KBPS",
            help="The highest mode that is exported; lower ones come with it. Default: all.",
        ),
    ] = None,
    int8: Annotated[
        str | None,
        typer.Option(
            "--int8",
            metavar="SIDES",
            help="Store weights in 8 bits, with a scale for each channel: receive or both. Needs "
            "--calibrate-on.",
        ),
    ] = None,
    audio: Annotated[
        Path | None,
        typer.Option(
            "--calibrate-on",
            metavar="AUDIO",
            help="WAV or FLAC file of what the codec is for. Its first half corrects biases for "
            "weights in 8 bits; its second half is coded to report what they change.",
        ),
    ] = None,
) -> None:
    """Write both sides of WEIGHTS into the folder OUT, to be run frame by frame.

    The output projections are folded into tables, as `lrac-codec absorb` does. With --to onnx, OUT
    gets transmit.onnx and receive.onnx, which ONNX Runtime runs and `lrac-audit audit OUT` audits.
    With --to c, OUT gets the codec in C99: lrac_codec.h, lrac_codec.c, the weights of each side,
    and lrac_program.c, which codes WAV files with them; `lrac-codec count` counts what it computes.
    """
    from lrac_audit.auditing.audit import active_layers
    from reference_models.cli.loading import load_codec
    from reference_models.export.exporters import load_exporter, load_int8_exporter

    write = load_exporter(to)
    sides = _sides(int8, audio)
    write_int8 = load_int8_exporter(to) if sides else None
    codec = load_codec(weights, None)
    layers = active_layers(codec.design, bitrate)
    if write_int8 is None or audio is None:
        paths, report = write(codec, layers, folder), None
    else:
        paths, report = write_int8(codec, layers, folder, _clip(codec.design, audio), sides, _pesq)
    for path in paths:
        say(f"{path}: {path.stat().st_size:,} bytes\n")
    if report is not None:
        say(f"\n{report}\n")


def _sides(int8: str | None, audio: Path | None) -> tuple[Side, ...]:
    """Return the sides whose weights are to be stored in 8 bits.

    Raises:
        InputError: there is no such choice, or audio is missing or not needed.
    """
    if int8 is None and audio is None:
        return ()
    if int8 not in INT8_SIDES:
        raise InputError("options", [Problem("--int8", str(int8), " or ".join(INT8_SIDES))])
    if audio is None:
        raise InputError("options", [Problem("--calibrate-on", "nothing", "audio, with --int8")])
    return INT8_SIDES[int8]


def _clip(design: CodecDesign, audio: Path) -> Block:
    """Return the audio of a file at the rate and with the channels of ``design``."""
    import numpy as np

    from reference_models.audio.conversion import convert
    from reference_models.audio.reading import open_audio

    blocks = convert(open_audio(audio), design.sample_rate_hz, design.audio_channels)
    return np.concatenate(list(blocks), 1)


def _pesq(decoded: Block, original: Block, rate_hz: int) -> float | None:
    """Return wide-band PESQ of the first channel; None without the package or without speech."""
    import soxr

    from reference_models.evaluation.metrics import RATE_HZ, NoScoreError, load_metrics

    pair = (soxr.resample(each[0], rate_hz, RATE_HZ) for each in (decoded, original))
    try:
        return load_metrics(["pesq"])["pesq"](*pair)
    except (InputError, NoScoreError):
        return None
