"""``lrac-audit schema``: the JSON Schema of a file format, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import say

GROUP = "lrac_audit.schemas"
"""The group of entry points under which packages offer their schemas, by name."""

app = typer.Typer(add_completion=False)


def _names() -> Iterable[str]:
    from importlib.metadata import entry_points

    return sorted(entry_points(group=GROUP).names)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit schema design > design.schema.json
  lrac-audit schema limits""",
)
def schema(
    name: Annotated[
        str,
        typer.Argument(
            metavar="design|limits|noise-classes|project|training",
            show_default=False,
            autocompletion=complete_from(_names),
        ),
    ],
) -> None:
    """Print the JSON Schema of designs, limits, classes of noise, projects or training.

    An editor that is given it completes and checks a file while it is written; see
    docs/design-format.md.
    """
    say(schema_text(name))


def schema_text(name: str) -> str:
    """Return the JSON Schema called ``name``, as JSON.

    Raises:
        InputError: no installed package offers it.
    """
    import json
    from importlib.metadata import entry_points

    from lrac_audit.errors import InputError, Problem, one_of, shown

    offered = entry_points(group=GROUP)
    if name not in offered.names:
        allowed = one_of(sorted(offered.names), name)
        raise InputError("options", [Problem("schema", shown(name), allowed)])
    return json.dumps(offered[name].load()(), indent=2, ensure_ascii=False) + "\n"
