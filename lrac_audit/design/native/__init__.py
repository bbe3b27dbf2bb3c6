"""The project's own YAML format for designs: the fields of the design's parts, block by block.

``docs/design-format.md`` describes it for people; the presets show it.
"""

from lrac_audit.design.native.reader import FORMAT, read_design
from lrac_audit.design.native.writer import design_tree, write_design

__all__ = ["FORMAT", "design_tree", "read_design", "write_design"]
