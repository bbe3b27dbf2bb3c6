"""The loop with batches that need no files: where a run that is stopped stands."""

from types import SimpleNamespace

import pytest

from reference_models.training.loop import Run, train
from reference_models.training.run_description import Position, read_description
from reference_models.training.run_folder import RunFolder
from tests.reference_models.training.conftest import ALONE, speech_batch


class Hums:
    """Three batches an epoch."""

    skipped = ()

    def batches_in_epoch(self, number):
        return 3

    def epoch(self, number, skip_batches=0):
        yield from [speech_batch(first=i) for i in range(3)][skip_batches:]


def run_until(step, configuration, models, folder):
    """Train until ``step`` is done; what callbacks were told of."""
    run = Run(
        configuration=configuration,
        models=models,
        training=Hums(),
        validation=Hums(),
        processes=ALONE,
        folder=RunFolder(folder),
        audit={},
        configuration_tree={},
        data={},
        curve=[],
    )
    told = []
    callback = SimpleNamespace(
        epoch_begins=lambda epoch, batches, done: told.append(("epoch", epoch, batches, done)),
        stepped=lambda report: told.append(("step", report.position.step)),
        saved=lambda position: told.append(("saved", *position)),
        validated=lambda position, validation, is_best: told.append(("validated", *position)),
    )
    with pytest.raises(KeyboardInterrupt):
        train(run, Position(0, 0, 0), callback, lambda: ("step", step - 1) in told)
    return told


def test_an_interruption_saves_the_step_it_came_in(configuration, models, tmp_path):
    """Though no checkpoint is due: there is one every other step."""
    told = run_until(1, configuration, models, tmp_path)
    assert told == [("epoch", 0, 3, 0), ("step", 0), ("saved", 0, 1, 1)]
    assert read_description(tmp_path / "last.safetensors").position == Position(0, 1, 1)
