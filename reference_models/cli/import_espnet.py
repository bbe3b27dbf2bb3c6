"""``lrac-codec import-espnet``: the public recipe's checkpoints."""

from __future__ import annotations

from pathlib import Path

import click

from lrac_audit.cli.common import say
from reference_models.cli import options


@click.command(
    name="import-espnet",
    short_help="Take over a checkpoint of the public recipe.",
    epilog="""\b
Examples:
  lrac-codec import-espnet 1150epoch.pth track1.safetensors --design track1
  lrac-codec import-espnet exp/my_codec/latest.pth mine.safetensors --design conf/train.yaml""",
)
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@options.design
def import_espnet(checkpoint: Path, out: Path, design: str) -> None:
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
