"""Training in processes of their own, which start fast: what they need is imported once."""

import multiprocessing
import os
import signal
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["reference_models.training.session", "torch._dynamo"])


def launch(out: Path, err: Path | str, *words: object) -> BaseProcess:
    """Start ``lrac-codec train`` with its output in files, of which ``err`` may be a terminal."""
    arguments = ["train", *map(str, words)]
    process = CONTEXT.Process(target=_main, args=(arguments, str(out), str(err)))
    process.start()
    return process


def _main(arguments: list[str], out: str, err: str) -> None:
    import torch

    from reference_models.cli.main import main

    torch.set_num_threads(1)
    os.environ["TERM"] = "xterm"
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOCTTY), number)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
    sys.exit(main(arguments))
