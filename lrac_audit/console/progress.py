"""Progress of long work, shown on standard error when that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from lrac_audit.console.terminal import is_capable, rich_console

SPINNER = "line"
"""A spinner of ASCII characters, which every terminal can show."""


class Bar(NamedTuple):
    """A bar of the work that is done."""

    advance: Callable[[int], object]
    tell: Callable[[str], None]
    """Names the current step beside the bar."""


@contextmanager
def named_progress_bar(doing: str, total: int) -> Iterator[Bar]:
    """Show a bar while the block runs; the block is given what advances it and names its steps.

    Nothing is shown, and rich is not even imported, when standard error is no terminal.
    """
    if not is_capable(sys.stderr):
        yield Bar(_ignored, _ignored)
        return
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=rich_console(sys.stderr), transient=True) as bar:
        task = bar.add_task(doing, total=total)
        yield Bar(
            lambda done: bar.advance(task, done),
            lambda step: bar.update(task, description=f"{doing}: {escape(step)}"),
        )


@contextmanager
def progress_bar(doing: str, total: int) -> Iterator[Callable[[int], object]]:
    """Show the same bar; the block is given a function that advances it."""
    with named_progress_bar(doing, total) as bar:
        yield bar.advance


@contextmanager
def progress_steps() -> Iterator[Callable[[str], None] | None]:
    """Show the current step of the block, which is given a function to name each step.

    The block is given None, and nothing is shown, when standard error is no terminal.
    """
    if not is_capable(sys.stderr):
        yield None
        return
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    # Rich must not redirect the streams: a step may be named while standard output is redirected to
    # standard error, and rich would put that redirection back when the block has ended.
    live = Live(
        console=rich_console(sys.stderr),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )

    def tell(step: str) -> None:
        live.start()
        live.update(Spinner(SPINNER, Text(step), style="status.spinner"), refresh=True)

    try:
        yield tell
    finally:
        live.stop()


def _ignored(news: object) -> None:
    """Ignore an advance or a step, where no bar is shown."""
