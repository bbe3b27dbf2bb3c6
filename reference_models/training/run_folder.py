"""The folder of a run: the names of its files, and a lock that keeps other runs out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lrac_audit.errors import InputError, Problem
from lrac_audit.files import WRITABLE, path_error, replacing, write_text
from reference_models.nn.weights import save_codec
from reference_models.training.checkpoint import save_checkpoint
from reference_models.training.distributed import ProcessGroup
from reference_models.training.models import Models
from reference_models.training.run_description import MEAN, Description, read_description


class RunFolder:
    """A run's files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last = path / "last.safetensors"
        """The newest state."""
        self.weights = path / "best.safetensors"
        """The codec of the best epoch, as ``lrac-codec`` takes it."""
        self.board = path / "tensorboard"
        self.failed_batch = path / "failed_batch.json"

    @contextmanager
    def locked(self, processes: ProcessGroup) -> Iterator[None]:
        """Keep other runs out; the operating system lifts this when the first process ends.

        Raises:
            InputError: another run is in the folder, or it cannot be written.
        """
        if not processes.is_first:
            yield
            return
        from filelock import FileLock, Timeout

        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.path / "lock", timeout=0)
            lock.acquire()
        except Timeout:
            problem = Problem("", "a folder that another run is using", "a folder of its own")
            raise InputError(str(self.path), [problem]) from None
        except OSError as error:
            raise path_error(self.path, error, WRITABLE) from None
        try:
            yield
        finally:
            lock.release()

    def save(self, models: Models, description: Description, keep_best: int) -> bool:
        """Save the state as the last and, if it ranks, among the best; return if it is the best.

        Raises:
            InputError: a file cannot be written; earlier files are whole.
        """
        if description.validation is None:
            save_checkpoint(self.last, models, description)
            return False
        kept = self._epoch_path(description.position.epoch)
        save_checkpoint(kept, models, description)
        ranking = self.ranking()
        is_best = ranking[0] == kept
        if is_best:
            save_codec(models.codec, self.weights)
        # A run that is stopped after this is resumed after the epoch; before, it repeats its end.
        with replacing(self.last) as beside:
            shutil.copyfile(kept, beside)
        for path in ranking[keep_best:]:
            path.unlink()
        return is_best

    def ranking(self) -> list[Path]:
        """Return the kept epochs' checkpoints, the one with the lowest validation loss first."""
        losses = {
            path: (read_description(path).validation or {})[MEAN]
            for path in map(self._epoch_path, self.kept())
        }
        return sorted(losses, key=losses.__getitem__)

    def kept(self) -> list[int]:
        """Return the numbers of the epochs whose checkpoints were kept."""
        names = (path.stem.removeprefix("epoch-") for path in self.path.glob("epoch-*.safetensors"))
        return sorted(int(name) for name in names if name.isdecimal())

    def epoch_file(self, epoch: int) -> Path:
        """Return the checkpoint after ``epoch``, which counts from 1.

        Raises:
            InputError: it was not kept.
        """
        kept = self.kept()
        if epoch not in kept:
            numbers = ", ".join(map(str, kept))
            allowed = f"an epoch that was kept: {numbers}" if kept else "nothing: none was kept yet"
            raise InputError(str(self.path), [Problem("--epoch", str(epoch), allowed)])
        return self._epoch_path(epoch)

    def _epoch_path(self, epoch: int) -> Path:
        return self.path / f"epoch-{epoch:05}.safetensors"

    def save_failed_batch(self, details: dict[str, Any]) -> None:
        """Write the details of a batch that gave a loss that is not finite."""
        write_text(self.failed_batch, json.dumps(details, indent=2) + "\n")
