"""The end of an interrupted pool one of whose processes was killed while it sent a result."""

import os
import struct
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from lrac_audit.cli import batch


def send_half_a_result(ready: str) -> None:
    """Announce a result of 1,000 bytes to the pool, send none of them, and stay."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000))
    Path(ready).touch()
    time.sleep(60)


@pytest.mark.skipif(os.name != "posix", reason="pipes are of another kind")
def test_half_a_result_keeps_no_thread_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "PATIENCE_S", 0)
    ready = tmp_path / "ready"
    pool = ProcessPoolExecutor(1, get_context("spawn"), batch._Interrupts.begin)
    pool.submit(send_half_a_result, str(ready))
    (waiting,) = (t for t in threading.enumerate() if "_ExecutorManagerThread" in type(t).__name__)
    until = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)  # now the thread has begun to read
    batch._interrupt(pool)
    waiting.join(5)
    assert not waiting.is_alive()
