"""Pictures of a run: its learning curve, and spectrograms before and after training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import replacing

CURVE = "validation mel/"
"""Prefix of the names of the validation's curves in TensorBoard."""
SAMPLE = "sample 1"
"""The validation window whose spectrograms are shown."""
WIDTH, HEIGHT = 7.0, 4.0
"""Size of a picture, in inches."""


class Curve(NamedTuple):
    """One line of a picture."""

    name: str
    steps: list[int]
    values: list[float]


class TensorBoardContent(NamedTuple):
    """The validation's curves and spectrograms in the TensorBoard files of a run."""

    curves: list[Curve]
    spectrograms: list[tuple[str, NDArray[np.uint8]]]
    """Name and ``[mels, frames]``: the target, the first output and the last."""


def read_tensorboard(folder: Path) -> TensorBoardContent:
    """Return the validation's curves and spectrograms from the TensorBoard files in ``folder``.

    Raises:
        InputError: no validation has been written there.
    """
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = EventAccumulator(str(folder), {"scalars": 0, "images": 0})
    if folder.is_dir():
        board.Reload()
    names = [tag for tag in board.Tags()["scalars"] if tag.startswith(CURVE)]
    if not names:
        problem = Problem("", "no validation", "TensorBoard's files of a run, after an epoch")
        raise InputError(str(folder), [problem])
    curves = [_curve(name.removeprefix(CURVE), board.Scalars(name)) for name in sorted(names)]
    outputs, targets = (board.Images(f"{SAMPLE}, {what}") for what in ("output", "target"))
    shown = [("target", targets[0]), (f"after {outputs[0].step} steps", outputs[0])]
    shown.append((f"after {outputs[-1].step} steps", outputs[-1]))
    spectrograms = [(name, _pixels(image.encoded_image_string)) for name, image in shown]
    return TensorBoardContent(curves, spectrograms)


def _curve(name: str, points: Sequence[object]) -> Curve:
    pairs = [(int(p.step), float(p.value)) for p in points]  # type: ignore[attr-defined]
    return Curve(name, [step for step, _ in pairs], [value for _, value in pairs])


def _pixels(png: bytes) -> NDArray[np.uint8]:
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)).convert("L"))


def draw_curves(curves: Sequence[Curve], path: Path) -> None:
    """Draw the mel loss over the steps, as PNG.

    Raises:
        InputError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure((WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    for curve in curves:
        axes.plot(curve.steps, curve.values, marker=".", label=curve.name)
    axes.set(xlabel="steps", ylabel="mel loss on held-out speech", ylim=(0, None))
    axes.legend()
    axes.grid(alpha=0.3)
    with replacing(path) as beside:
        figure.savefig(beside, format="png", dpi=120)


def draw_spectrograms(spectrograms: Sequence[tuple[str, NDArray[np.uint8]]], path: Path) -> None:
    """Draw spectrograms one below the other, as PNG.

    Raises:
        InputError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure((WIDTH, 1.8 * len(spectrograms)), layout="constrained")
    for axes, (name, pixels) in zip(
        np.atleast_1d(figure.subplots(len(spectrograms))), spectrograms, strict=True
    ):
        axes.imshow(pixels, aspect="auto", cmap="magma", vmin=0, vmax=255)
        axes.set(title=name, xticks=[], yticks=[])
    with replacing(path) as beside:
        figure.savefig(beside, format="png", dpi=120)
