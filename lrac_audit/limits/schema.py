"""The JSON Schema of a limit set."""

from __future__ import annotations

from typing import Any

from lrac_audit.limits.limit_set import BOUNDS, LimitSet
from lrac_audit.validation.json_schema import json_schema


def limits_schema() -> dict[str, Any]:
    """Return the JSON Schema of a limit set, which must have at least one bound."""
    schema = json_schema(LimitSet, "Limits that a codec must keep to")
    return schema | {"anyOf": [{"required": [bound]} for bound in BOUNDS]}
