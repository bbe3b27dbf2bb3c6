"""``lrac-codec import-espnet``: import a checkpoint of the public recipe."""

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
  lrac-codec import-espnet 1150epoch.pth track1.safetensors --design track1
  lrac-codec import-espnet exp/my_codec/latest.pth mine.safetensors --design conf/train.yaml""",
)
def import_espnet(
    checkpoint: Annotated[Path, typer.Argument(help="The recipe's .pth file.")],
    out: Annotated[
        Path, typer.Argument(callback=written_file, help="The file of weights to write.")
    ],
    design: options.Design,
) -> None:
    """Take over the generator in CHECKPOINT, a .pth file, and write it into OUT, in safetensors.

    Everything that is missing, unknown or of the wrong shape is named at once. Nothing in the
    checkpoint is executed.
    """
    from lrac_audit.design.formats import load_design

    codec_design = load_design(design).design
    from reference_models.nn.espnet_weights import load_checkpoint
    from reference_models.nn.weights import save_codec

    codec = load_checkpoint(checkpoint, codec_design)
    save_codec(codec, out)
    say(f"{out}: {codec_design.name} from {checkpoint}\n")
