"""Run the receiver in a copy of its own, with nothing but codes and weights.

The copy is a process that forks before the transmitter runs: whatever the transmitter leaves in
attributes, globals, closures or caches, the copy does not have. The codes go to it by a pipe.
"""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lrac_audit.witness.packages import raised
from lrac_audit.witness.wire.randomness import seeded

TIMEOUT_S = 120.0
"""Time after which a receiver that does not answer is given up."""
CLOSE = 1e-5
"""Share of the largest value by which outputs may differ: rounding depends on the place in
memory."""

Receive = Callable[[Any], Tensor]


class NoCopy(RuntimeError):  # noqa: N818
    """The receiver could not be run in a copy of its own."""


class ReceiverFailed(RuntimeError):  # noqa: N818
    """The receiver raised an exception in its copy."""


class ReceiverCopy:
    """A copy of this process that waits for codes."""

    def __init__(self, receive: Receive) -> None:
        """Make the copy.

        Raises:
            NoCopy: the system cannot copy a process.
        """
        if "fork" not in get_all_start_methods():
            raise NoCopy(f"{sys.platform} cannot copy a process")
        context = get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(receive, theirs), daemon=True)
        with warnings.catch_warnings():
            # Newer Pythons warn of other threads; none of them is needed in the copy.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        theirs.close()

    def receive(self, codes: Any) -> Tensor:
        """Return the audio that the copy makes of ``codes``.

        Raises:
            NoCopy: the copy ended or did not answer.
            ReceiverFailed: the receiver raised an exception.
        """
        try:
            self._pipe.send_bytes(pickle.dumps(codes))
            if not self._pipe.poll(TIMEOUT_S):
                raise NoCopy(f"the copy gave no answer in {TIMEOUT_S:g} s")
            succeeded, answer = self._pipe.recv_bytes(), self._pipe.recv_bytes()
        except (OSError, EOFError) as error:
            raise NoCopy("the copy ended without an answer") from error
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise NoCopy(f"the codes cannot be sent: {raised(error)}") from error
        if succeeded != b"1":
            raise ReceiverFailed(answer.decode())
        audio: Tensor = torch.load(BytesIO(answer), weights_only=True)
        return audio

    def close(self) -> None:
        """End the copy."""
        self._pipe.close()
        self._process.kill()
        self._process.join()


def _serve(receive: Receive, pipe: Connection) -> None:
    """Receive one message of codes, and answer with audio or with what went wrong."""
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout = sys.stderr = nowhere
        torch.set_num_threads(1)  # the threads of torch do not live on in a copy
        try:
            codes = pickle.loads(pipe.recv_bytes())
            audio = received(receive, codes)
            answer = BytesIO()
            torch.save(audio, answer)
            pipe.send_bytes(b"1")
            pipe.send_bytes(answer.getvalue())
        except Exception as error:  # whatever a receiver of others raises
            pipe.send_bytes(b"0")
            pipe.send_bytes(raised(error).encode())


def received(receive: Receive, codes: Any) -> Tensor:
    """Return the audio of ``codes`` as plain values, with all random numbers from one seed."""
    with torch.no_grad(), seeded():
        return receive(codes).detach().as_subclass(Tensor).clone()


def same_audio(here: Tensor, there: Tensor) -> bool:
    """Return whether two outputs are equal but for rounding."""
    if here.shape != there.shape:
        return False
    scale = float(here[here.isfinite()].abs().max()) if here.isfinite().any() else 0.0
    return torch.allclose(here, there, rtol=0, atol=CLOSE * scale, equal_nan=True)
