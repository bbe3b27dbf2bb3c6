"""The project's own YAML format: its reader and its JSON Schema."""

from __future__ import annotations

from typing import Any

from lrac_audit.design.parts import CodecDesign
from lrac_audit.design.yaml_source import Tree
from lrac_audit.validation.reading import Format, read

FORMAT = Format("lrac_audit_design", 1)


def read_design(tree: Tree, source: str) -> CodecDesign:
    """Return the design that ``tree``, the content of an own YAML file, describes.

    Raises:
        InputError: with every problem of the file.
    """
    return read(CodecDesign, tree, source, FORMAT)


def design_schema() -> dict[str, Any]:
    """Return the JSON Schema of a design."""
    from lrac_audit.validation.json_schema import json_schema

    return json_schema(CodecDesign, "Design of a neural audio codec", FORMAT)
