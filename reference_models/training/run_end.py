"""Text at the end of a run: how far it came, its best weights, and the next step."""

from __future__ import annotations

import shlex

from reference_models.training.run_description import MEAN, Position, read_description
from reference_models.training.run_folder import RunFolder

STOPPED = "stopped: the same command with --resume goes on from the last checkpoint\n"


def finished(folder: RunFolder, validation: str) -> str:
    """Return the end of a run that was validated with the manifest ``validation``."""
    weights, manifest = shlex.quote(str(folder.weights)), shlex.quote(validation)
    return (
        f"finished\n{_best(folder)}"
        f"next: lrac-codec evaluate --weights {weights} --clean {manifest} {manifest}\n"
    )


def already_finished(folder: RunFolder, position: Position, epochs: int) -> str:
    """Return what resuming a run says that has come to ``position``, its end."""
    done = f"{position.epoch} of {epochs} epochs and {position.step:,} steps are done"
    return (
        f"{folder.path}: this run is finished: {done}; nothing was changed\n{_best(folder)}"
        "to go on: raise epochs in the configuration, and --resume again\n"
    )


def _best(folder: RunFolder) -> str:
    """Return a line that names the best epoch, its loss and the file of its weights."""
    ranking = folder.ranking()
    if not ranking:
        return "no weights: no epoch came to the layers that active_layers trains\n"
    best = read_description(ranking[0])
    assert best.validation is not None  # of an epoch that is done
    position, loss = best.position, best.validation[MEAN]
    return (
        f"best: epoch {position.epoch}, step {position.step:,}, validation mel {loss:.4f}: "
        f"{folder.weights}\n"
    )
