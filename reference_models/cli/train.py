"""``lrac-codec train``: train a codec."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    short_help="Train a codec.",
    epilog="""\b
Examples:
  lrac-codec train --configuration debug --train train.csv --validation valid.csv runs/debug
  lrac-codec train --configuration track1 --train train.csv --validation valid.csv runs/t1 --resume
  torchrun --nproc-per-node 6 -m reference_models train --configuration track1 \\
      --train train.csv --validation valid.csv runs/track1""",
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--configuration", metavar="NAME|FILE", required=True)
@click.option("--train", "training", metavar="MANIFEST", type=click.Path(path_type=Path))
@click.option("--validation", metavar="MANIFEST", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="Go on with the run in FOLDER.")
@click.option("--workers", type=click.IntRange(0, 256), default=0)
def train(
    folder: Path,
    configuration: str,
    training: Path | None,
    validation: Path | None,
    resume: bool,
    workers: int,
) -> None:
    """Train a codec into FOLDER."""
    from reference_models.training.command import run_training

    run_training(folder, configuration, training, validation, resume, workers)
