"""``lrac-audit schema``: the JSON Schema of a file format, for editors."""

from __future__ import annotations

import click

from lrac_audit.cli.common import say

GROUP = "lrac_audit.schemas"
"""The group of entry points under which packages offer their schemas, by name."""


@click.command(
    short_help="Print the JSON Schema of a file format.",
    epilog="""\b
Example:
  lrac-audit schema design > design.schema.json""",
)
@click.argument("name", metavar="design|limits|training")
def schema(name: str) -> None:
    """Print the JSON Schema of designs, limit sets or training configurations.

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

    from lrac_audit.errors import InputError, Problem, shown
    from lrac_audit.validation.suggestion import did_you_mean

    offered = entry_points(group=GROUP)
    if name not in offered.names:
        names = sorted(offered.names)
        allowed = f"one of {', '.join(names)}" + did_you_mean(name, names)
        raise InputError("options", [Problem("schema", shown(name), allowed)])
    return json.dumps(offered[name].load()(), indent=2, ensure_ascii=False) + "\n"
