"""``lrac-codec export``: write a codec in a form that runs without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec export track1.safetensors track1 --to onnx
  lrac-codec export track1.safetensors track1-low --to onnx --bitrate 1
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
) -> None:
    """Write both sides of WEIGHTS into the folder OUT, to be run frame by frame.

    The output projections are folded into tables, as `lrac-codec absorb` does. With --to onnx, OUT
    gets transmit.onnx and receive.onnx, which ONNX Runtime runs and `lrac-audit audit OUT` audits.
    With --to c, OUT gets the codec in C99: lrac_codec.h, lrac_codec.c, the weights of each side,
    and lrac_program.c, which codes WAV files with them.
    """
    from lrac_audit.auditing.audit import active_layers
    from reference_models.cli.loading import load_codec
    from reference_models.export.exporters import load_exporter

    write = load_exporter(to)
    codec = load_codec(weights, None)
    layers = active_layers(codec.design, bitrate)
    for path in write(codec, layers, folder):
        say(f"{path}: {path.stat().st_size:,} bytes\n")
