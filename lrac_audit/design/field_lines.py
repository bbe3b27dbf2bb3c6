"""Lines of the fields of a design in the file that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lrac_audit.design.yaml_source import Tree
from lrac_audit.validation.reading import line_of, parts_around


class FieldLines(NamedTuple):
    """The content of a file, which knows its lines, and the names that it gives the fields.

    A line is looked up when it is asked for; reading a design costs nothing more.
    """

    content: Tree = None
    own_names: Mapping[str, str] | None = None
    """The key of a recipe that each field of the design came from; None for an own file."""

    def line(self, field: str) -> int | None:
        """Return the line of ``field``, such as ``encoder.blocks[0].down``, from 1.

        Of a field that the file does not write out, the line of the innermost part around it; None
        where there is no file, or none with lines.
        """
        return line_of(self.content, self._own_name(field))

    def _own_name(self, field: str) -> str:
        """Return the file's name of ``field``, or else of the first field of the same part."""
        for part in (field, *reversed(parts_around(field))):
            for name, own in (self.own_names or {}).items():
                if name == part or name.startswith((f"{part}.", f"{part}[")):
                    return own
        return field
