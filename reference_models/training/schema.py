"""The JSON Schema of a training configuration."""

from __future__ import annotations

from typing import Any

from lrac_audit.validation.json_schema import json_schema
from reference_models.training.configuration import FORMAT, Configuration


def training_schema() -> dict[str, Any]:
    """Return the JSON Schema of a training configuration."""
    return json_schema(Configuration, "Training configuration of a neural audio codec", FORMAT)
