"""A headless Chromium for tests, driven over a pipe by its DevTools protocol; no network.

It shows what a page is in a real browser: what its scripts log, what they change, and how it looks.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # containers and root have none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)


class Browser:
    """One page of a running Chromium."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._session: str | None = None
        self._count = 0
        self._waiting = b""
        self.events: list[dict[str, Any]] = []
        """Events of the page, in their order."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def open(self, path: Path, width: int = 1100, height: int = 900, scheme: str = "light") -> None:
        """Open a file, in a light or a dark scheme, and wait until it is loaded."""
        self.prefer(scheme)
        size = {"width": width, "height": height}
        self.call("Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=1, mobile=False)
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def prefer(self, scheme: str) -> None:
        """Let the reader prefer a ``light`` or a ``dark`` scheme."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media="", features=features)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript, awaited if it is a promise."""
        options = {"awaitPromise": True, "returnByValue": True}
        found = self.call("Runtime.evaluate", expression=expression, **options)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def complaints(self) -> list[dict[str, Any]]:
        """Return what the page logged, its uncaught exceptions and its refused requests."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for event in self.events if event.get("method") in kinds]

    def requested(self) -> list[str]:
        """Return the addresses that the page asked for."""
        kind = "Network.requestWillBeSent"
        asked = [event["params"] for event in self.events if event.get("method") == kind]
        return [each["request"]["url"] for each in asked]

    def screenshot(self) -> bytes:
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._waiting:
            piece = os.read(self._read, 1 << 20)
            assert piece, "Chromium has ended"
            self._waiting += piece
        message, _, self._waiting = self._waiting.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium with a page for a block; skip the test where none is installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None or sys.platform == "win32":
        pytest.skip("Chromium is not installed")
    calls, to_write = os.pipe()
    to_read, answers = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = _started([program, *OPTIONS, f"--user-data-dir={profile}"], (calls, answers))
        os.close(calls)
        os.close(answers)
        try:
            yield Browser(to_write, to_read)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(to_write)
            os.close(to_read)


def _started(command: list[str], pipes: tuple[int, int]) -> subprocess.Popen[bytes]:
    """Start ``command`` with the ends of two pipes as 3, to read from, and 4, to write to."""
    import fcntl

    def place_pipes() -> None:
        kept = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in pipes]  # out of the way of 3 and 4
        for end, place in zip(kept, (3, 4), strict=True):
            os.dup2(end, place)

    return subprocess.Popen(
        command,
        close_fds=False,
        preexec_fn=place_pipes,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
