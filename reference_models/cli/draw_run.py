"""``lrac-codec draw-run``: draw pictures of a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.console.help import Command
from lrac_audit.console.output import say
from lrac_audit.console.written_files import written_file

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-codec draw-run runs/track1 --curve curve.png --spectrograms spectrograms.png""",
)
def draw_run(
    folder: Annotated[Path, typer.Argument(help="The folder of the run.")],
    curve: Annotated[
        Path,
        typer.Option(
            "--curve",
            metavar="FILE",
            callback=written_file,
            help="PNG of the validation's mel loss over the steps.",
        ),
    ],
    spectrograms: Annotated[
        Path,
        typer.Option(
            "--spectrograms",
            metavar="FILE",
            callback=written_file,
            help="PNG of a held-out window, and of what the codec made of it at first and at last.",
        ),
    ],
) -> None:
    """Draw the run in FOLDER, as far as it has come."""
    from reference_models.training.pictures import draw_curves, draw_spectrograms, read_tensorboard
    from reference_models.training.run_folder import RunFolder

    told = read_tensorboard(RunFolder(folder).board)
    draw_curves(told.curves, curve)
    draw_spectrograms(told.spectrograms, spectrograms)
    for one in told.curves:
        first, last = one.values[0], one.values[-1]
        say(f"{one.name}: {first:.4f} to {last:.4f}, {100 * (last / first - 1):+.1f} %\n")
