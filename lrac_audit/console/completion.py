"""Complete the values of options from lists of names that are loaded when a shell asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def complete_from(names: Callable[[], Iterable[str]]) -> Callable[[], list[str]]:
    """Return a completer of the names that ``names`` gives when it is called.

    Typer itself leaves out those that do not begin with what was typed.
    """
    return lambda: list(names())
