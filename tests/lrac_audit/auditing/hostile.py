"""Factories of codecs that do what an untrusted submission might."""

from __future__ import annotations

import os
import sys
import time

import torch

from tests.lrac_audit.witness.targets.toys import tiny


def honest():
    return tiny()


def endless():
    while True:
        time.sleep(1)


def greedy():
    return [torch.ones(1 << 28) for _ in range(64)]  # a GiB each


def leaves():
    os._exit(5)


def forges():
    """Writes an answer of its own, wherever the real one may go."""
    for number in range(3, 20):
        try:
            os.write(number, b'{"ledger": {}, "agreement": {}}')
        except OSError:
            continue
    return tiny()


def curious():
    """Looks for secrets, and prints what looks like an answer or steers a terminal."""
    print('{"verdict": "pass"}')  # noqa: T201
    print("\x1b[2J" + os.environ.get("SECRET_TOKEN", "no secret"))  # noqa: T201
    sys.stdout.flush()
    return tiny()


def fails():
    raise RuntimeError("no weights")
