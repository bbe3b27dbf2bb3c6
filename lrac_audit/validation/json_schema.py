"""The JSON Schema of a file, from the declarations that also validate it."""

from __future__ import annotations

from typing import Any

from lrac_audit.validation.declaration import part
from lrac_audit.validation.reading import Format

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors support best."""


def json_schema(cls: type, title: str, file_format: Format | None = None) -> dict[str, Any]:
    """Return the JSON Schema, called ``title``, of files that hold an object of ``cls``."""
    definitions: dict[str, Any] = {}
    schema = part(cls).definition(definitions)
    if file_format is not None:
        key, version = file_format
        described = {"const": version, "description": "Version of the format."}
        schema["properties"] = {key: described, **schema["properties"]}
        schema["required"] = [key, *schema["required"]]
    schema = {"$schema": DRAFT, "title": title, **schema}
    return schema | ({"definitions": definitions} if definitions else {})
