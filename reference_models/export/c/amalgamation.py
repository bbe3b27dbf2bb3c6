"""One C source of the runtime's files: each ``#include`` of another one is replaced by it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

RUNTIME = Path(__file__).with_name("runtime")
_INCLUDE = re.compile(r'#include "(.+\.c)"\n')


class Amalgamation:
    """Files of the runtime in the order in which they are needed, each of them once."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def text(self, name: str) -> str:
        """Return a file behind all that it includes; nothing of what was returned before."""
        return "\n".join(self._parts(name))

    def _parts(self, name: str) -> Iterator[str]:
        if name in self._known:
            return
        self._known.add(name)
        content = (RUNTIME / name).read_text(encoding="utf-8")
        for included in _INCLUDE.findall(content):
            yield from self._parts(_resolved(PurePosixPath(name).parent / included))
        yield _INCLUDE.sub("", content)


def _resolved(path: PurePosixPath) -> str:
    """Return ``path`` without its steps upwards."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
