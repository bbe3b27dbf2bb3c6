"""``lrac-audit convert``: a recipe as a design in the project's own YAML, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lrac_audit.cli import names, options
from lrac_audit.console.completion import complete_from
from lrac_audit.console.help import Command
from lrac_audit.console.output import warn
from lrac_audit.errors import InputError, Problem

if TYPE_CHECKING:
    from lrac_audit.design.formats import LoadedDesign

app = typer.Typer(add_completion=False)


@app.command(
    cls=Command,
    epilog="""
Examples:
  lrac-audit convert conf/train.yaml my_codec.yaml && lrac-audit audit my_codec.yaml
  lrac-audit convert my_codec.yaml --to conf/train.yaml""",
)
def convert(
    source: Annotated[
        str,
        typer.Argument(
            help="A design, a recipe, a sheet or a preset.",
            autocompletion=complete_from(names.presets),
        ),
    ],
    destination: Annotated[
        Path | None, typer.Argument(help="The YAML file to write, as a design.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--to", help="The train.yaml to write instead, in the recipe's keys."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the file where it exists.")
    ] = False,
    verbose: options.Verbose = False,
) -> None:
    """Write SOURCE, a design, recipe, sheet or preset, as a design in YAML to DESTINATION.

    Both audit identically. What a recipe says besides is left out; --verbose lists it.
    With --to it is written in the keys of the recipe's train.yaml: those that make the codec. A
    design that they cannot express is refused, with everything that they cannot.
    """
    from lrac_audit.design.formats import load_design
    from lrac_audit.design.native import write_design
    from lrac_audit.files import check_new, write_text

    path = _one_of(destination, recipe)
    target = load_design(source)
    check_new(path, force)
    write_text(path, write_design(target.design) if recipe is None else _recipe(target))
    if verbose:
        from lrac_audit.report.audit_sentences import ignored_keys

        for line in ignored_keys(target.ignored):
            warn(f"ignored: {line}")


def _recipe(target: LoadedDesign) -> str:
    """Return the recipe of a design; what it cannot express is reported under the design's file."""
    from lrac_audit.design.espnet import write_recipe

    try:
        return write_recipe(target.design)
    except InputError as error:
        raise error.renamed(target.source, {}) from None


def _one_of(destination: Path | None, recipe: Path | None) -> Path:
    if destination is None and recipe is not None:
        return recipe
    if destination is not None and recipe is None:
        return destination
    given = "neither" if recipe is None else "both"
    problem = Problem("DESTINATION, --to", given, "one file to write")
    raise InputError("options", [problem])
