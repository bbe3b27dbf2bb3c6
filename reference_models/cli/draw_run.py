"""``lrac-codec draw-run``: pictures of a training run."""

from __future__ import annotations

from pathlib import Path

import click

from lrac_audit.cli.common import say


@click.command(
    short_help="Draw a training run's curve and spectrograms.",
    epilog="""\b
Examples:
  lrac-codec draw-run runs/track1 --curve curve.png --spectrograms spectrograms.png""",
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--curve",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="PNG of the validation's mel loss over the steps.",
)
@click.option(
    "--spectrograms",
    metavar="FILE",
    type=click.Path(path_type=Path),
    required=True,
    help="PNG of a held-out window, and of what the codec made of it at first and at last.",
)
def draw_run(folder: Path, curve: Path, spectrograms: Path) -> None:
    """Draw the run in FOLDER, as far as it has come."""
    from reference_models.training.pictures import draw_curves, draw_spectrograms, read_tensorboard
    from reference_models.training.run_folder import RunFolder

    told = read_tensorboard(RunFolder(folder).board)
    draw_curves(told.curves, curve)
    draw_spectrograms(told.spectrograms, spectrograms)
    for one in told.curves:
        first, last = one.values[0], one.values[-1]
        say(f"{one.name}: {first:.4f} to {last:.4f}, {100 * (last / first - 1):+.1f} %\n")
