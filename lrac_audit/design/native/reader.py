"""Reader of the project's own YAML format."""

from __future__ import annotations

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
