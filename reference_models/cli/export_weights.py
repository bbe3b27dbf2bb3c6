"""``lrac-codec export-weights``: take the codec out of a training run, as weights."""

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
  lrac-codec export-weights runs/track1
  lrac-codec export-weights runs/track1 --epoch 40 -o epoch40.safetensors""",
)
def export_weights(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of the run.")],
    epoch: Annotated[
        int | None,
        typer.Option(
            "--epoch",
            metavar="N",
            min=1,
            help="One of the epochs that were kept, as `lrac-codec info RUN` lists them. "
            "Default: the last state of the run.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            callback=written_file,
            help="The weights to write. Default: weights-epoch-N.safetensors or "
            "weights-last.safetensors in the folder.",
        ),
    ] = None,
) -> None:
    """Write the codec of a training run as weights, which encode, decode and evaluate take.

    The best epoch's are in the run's best.safetensors already. The run is not changed.
    """
    from lrac_audit.files import check_other_file
    from reference_models.nn.weights import save_codec
    from reference_models.training.checkpoint import load_trained_codec
    from reference_models.training.run_folder import RunFolder

    run = RunFolder(folder)
    source = run.last if epoch is None else run.epoch_file(epoch)
    name = "last" if epoch is None else f"epoch-{epoch}"
    out = output or folder / f"weights-{name}.safetensors"
    check_other_file(out, source)
    codec = load_trained_codec(source)
    save_codec(codec, out)
    say(f"{out}: weights of {codec.design.name} from {source}\n")
