"""``lrac-codec init``: weights to try things out with."""

from __future__ import annotations

from pathlib import Path

import click

from lrac_audit.cli.common import say
from reference_models.cli import options


@click.command(
    short_help="Write untrained weights, to try things out.",
    epilog="""\b
Examples:
  lrac-codec init --design track1 untrained.safetensors
  lrac-codec init --design my_codec.yaml --seed 7 untrained.safetensors""",
)
@click.argument("out", type=click.Path(path_type=Path))
@options.design
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
def init(out: Path, design: str, seed: int) -> None:
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
