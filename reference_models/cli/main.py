"""The ``lrac-codec`` program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from lrac_audit import __version__
from lrac_audit.console import options
from lrac_audit.console.help import Group
from lrac_audit.console.program import CONTEXT_SETTINGS, Entry, run_program

WEIGHTS, AUDIO, TRAINING = "Weights", "Audio", "Training and evaluation"
COMMANDS = (
    Entry("init", "Write untrained weights, to try things out.", WEIGHTS),
    Entry("import-espnet", "Take over a checkpoint of the public recipe.", WEIGHTS),
    Entry("absorb", "Fold the output projections into tables, one artefact per side.", WEIGHTS),
    Entry("export", "Write both sides as ONNX graphs or C, which run without PyTorch.", WEIGHTS),
    Entry("count", "Count the operations of a codec in C while it runs.", WEIGHTS),
    Entry("encode", "Encode a WAV or FLAC file.", AUDIO),
    Entry("decode", "Decode a .lrac file into a WAV file.", AUDIO),
    Entry("info", "Say what a .lrac file, weights or a training run are.", AUDIO),
    Entry("stream", "Run a file frame by frame, and time every frame.", AUDIO),
    Entry("data", "List, curate and split audio files to train on.", TRAINING),
    Entry("train", "Train a codec.", TRAINING),
    Entry("export-weights", "Take the codec out of a training run, as weights.", TRAINING),
    Entry("draw-run", "Draw a training run's curve and spectrograms.", TRAINING),
    Entry("evaluate", "Score a codec with PESQ and other measures.", TRAINING),
)

app = typer.Typer(cls=Group, context_settings=CONTEXT_SETTINGS)


@app.callback(
    epilog="""
Examples:
  lrac-codec encode speech.wav speech.lrac --weights track1.safetensors
  lrac-codec decode speech.lrac decoded.wav --weights track1.safetensors

Exit codes:
  0 done, 2 bad usage or file, 3 a check failed, 130 interrupted"""
)
def program(
    version: Annotated[bool, options.version("lrac-codec", __version__)] = False,
) -> None:
    """Run the reference codecs: from audio to files of 1 or 6 kbps, and back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program on ``arguments``, by default those of the process; return its exit code."""
    return run_program(app, "lrac-codec", "reference_models.cli", COMMANDS, arguments)
