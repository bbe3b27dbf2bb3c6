"""Make narrow twins of models of the package ``transformers``: the same layers, fewer channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def narrow_by_config(model: Any, choices: Mapping[str, Any], derived: tuple[str, ...] = ()) -> Any:
    """Return a model of the same class whose configuration differs in ``choices``.

    Args:
        model: the model.
        choices: the values to change.
        derived: names of values that the configuration computes from the others by itself.
    """
    kept = {k: v for k, v in model.config.to_dict().items() if k not in derived}
    return type(model)(type(model.config)(**{**kept, **choices})).eval()
