"""``lrac-codec init``: write untrained weights for tests and demonstrations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say
from lrac_audit.console.written_files import written_file
from reference_models.cli import options

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec init --design track1 untrained.safetensors
  lrac-codec init --design my_codec.yaml --seed 7 untrained.safetensors""",
)
def init(
    out: Annotated[
        Path, typer.Argument(callback=written_file, help="The file of weights to write.")
    ],
    design: options.Design,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            metavar="N",
            min=0,
            max=2**63 - 1,
            help="The same seed gives the same weights.",
            show_default=True,
        ),
    ] = 0,
) -> None:
    """Write untrained weights of a design into OUT, in safetensors.

    The same seed gives the same weights. The codebooks are random too: everything runs, but what
    comes out does not sound like what went in.
    """
    from lrac_audit.design.formats import load_design

    codec_design = load_design(design).design
    from reference_models.nn.build import build_untrained
    from reference_models.nn.weights import save_codec

    save_codec(build_untrained(codec_design, seed), out)
    say(f"{out}: untrained weights of {codec_design.name}, seed {seed}\n")
