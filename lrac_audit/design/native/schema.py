"""The JSON Schema of the project's own YAML format."""

from __future__ import annotations

from typing import Any

from lrac_audit.design.native.reader import FORMAT
from lrac_audit.design.parts import CodecDesign
from lrac_audit.validation.json_schema import json_schema


def design_schema() -> dict[str, Any]:
    """Return the JSON Schema of a design."""
    return json_schema(CodecDesign, "Design of a neural audio codec", FORMAT)
