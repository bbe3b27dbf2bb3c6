"""Complete the values of options from lists of names that are loaded when a shell asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def complete_from(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return a completer of the names that ``names`` gives when it is called."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return complete
