"""The sources of the corpus, read from its YAML files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lrac_audit.auditing.printed_figure import PublishedFigure, parse_figure
from lrac_audit.design.yaml_source import read_yaml
from lrac_audit.errors import InputError, Problem, one_of, shown

FOLDER = Path(__file__).parent
DEFAULT_SOURCE = "lrac-2025"
"""The source that is compared when none is named."""
GIGA = "_gmacs"
"""How the names of figures in GMAC/s end in the files."""
TAGS = {
    "read": "read at the source",
    "summary": "from a summary by others",
    "recomputed": "recomputed from the published architecture",
}
"""How the figures of a source were come by."""


class PublishedTable(NamedTuple):
    """Some figures about one codec."""

    title: str
    codec: Mapping[str, Any] | None
    """How the codec is rebuilt, see :mod:`lrac_audit.published.rebuilding`; None where it is not
    known well enough."""
    figures: Mapping[str, PublishedFigure]
    """Name of a quantity to the figure that was printed."""
    formulas: Mapping[str, str]
    """Name of a quantity to a sum that was worked out by hand, where the codec is not rebuilt."""
    part_of: str
    """Title of the table of a whole codec that this one is about a part of; empty for none."""


class Source(NamedTuple):
    """One publication and the figures in it."""

    name: str
    title: str
    reference: str
    tag: str
    """One of :data:`TAGS`."""
    note: str
    limits: str
    """Name of the limit set that its codecs are meant for; empty for none."""
    tables: tuple[PublishedTable, ...]

    @property
    def citation(self) -> str:
        """Title and reference."""
        return f"{self.title} ({self.reference})"


def source_names() -> tuple[str, ...]:
    """Return the names of all sources, the default first."""
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    return (DEFAULT_SOURCE, *(name for name in names if name != DEFAULT_SOURCE))


def load_source(name: str) -> Source:
    """Return the source called ``name``.

    Raises:
        InputError: there is none.
    """
    names = source_names()
    if name not in names:
        given = f"no such source: {shown(name)}"
        raise InputError("paper", [Problem("", given, one_of(names, name))])
    path = FOLDER / f"{name}.yaml"
    tree: Any = read_yaml(path)
    return Source(
        name=name,
        title=tree["title"],
        reference=tree["reference"],
        tag=tree["tag"],
        note=tree.get("note", ""),
        limits=tree.get("limits", ""),
        tables=tuple(_table(entry, str(path)) for entry in tree["tables"]),
    )


def _table(entry: Mapping[str, Any], path: str) -> PublishedTable:
    figures = (_figure(name, text, path) for name, text in entry["figures"].items())
    return PublishedTable(
        title=entry["title"],
        codec=entry.get("codec"),
        figures=dict(figures),
        formulas=entry.get("formulas", {}),
        part_of=entry.get("part_of", ""),
    )


def _figure(name: str, text: str, path: str) -> tuple[str, PublishedFigure]:
    """Return a figure by the name of its quantity; one in GMAC/s is a thousand times MMAC/s."""
    figure = parse_figure(text, name, path)
    if not name.endswith(GIGA):
        return name, figure
    scaled = PublishedFigure(f"{text} G", figure.value * 1000, figure.half_unit * 1000)
    return name.removesuffix(GIGA) + "_mmacs", scaled
