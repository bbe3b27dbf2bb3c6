"""``lrac-audit convert``: a recipe as a design in the project's own YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrac_audit.cli import names, options
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import warn
from lrac_audit.errors import InputError, Problem

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Example:
  lrac-audit convert conf/train.yaml my_codec.yaml && lrac-audit audit my_codec.yaml""",
)
def convert(
    source: Annotated[
        str,
        typer.Argument(
            help="A design, a recipe, a sheet or a preset.",
            autocompletion=complete_from(names.presets),
        ),
    ],
    destination: Annotated[Path, typer.Argument(help="The YAML file to write.")],
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite DESTINATION where it exists.")
    ] = False,
    verbose: options.Verbose = False,
) -> None:
    """Write SOURCE, any target of `lrac-audit audit`, as a design in YAML to DESTINATION.

    Both audit identically. What a recipe says besides is left out; --verbose lists it.
    """
    from lrac_audit.design.formats import load_design
    from lrac_audit.design.native import write_design
    from lrac_audit.files import write_text

    target = load_design(source)
    if destination.exists() and not force:
        problem = Problem("", "an existing file", "a new one, or --force to overwrite it")
        raise InputError(str(destination), [problem])
    write_text(destination, write_design(target.design))
    if verbose:
        from lrac_audit.report.audit_sentences import ignored_keys

        for line in ignored_keys(target.ignored):
            warn(f"ignored: {line}")
