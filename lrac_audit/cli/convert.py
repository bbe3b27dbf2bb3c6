"""``lrac-audit convert``: a recipe as a design in the project's own YAML."""

from __future__ import annotations

from pathlib import Path

import click

from lrac_audit.cli import options
from lrac_audit.cli.common import warn
from lrac_audit.errors import InputError, Problem


@click.command(
    short_help="Write a recipe as a design in YAML.",
    epilog="""\b
Example:
  lrac-audit convert conf/train.yaml my_codec.yaml && lrac-audit audit my_codec.yaml""",
)
@click.argument("source")
@click.argument("destination", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite DESTINATION where it exists.")
@options.verbose
def convert(source: str, destination: Path, force: bool, verbose: bool) -> None:
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
        from lrac_audit.report.remarks import ignored_keys

        for line in ignored_keys(target.ignored):
            warn(f"ignored: {line}")
