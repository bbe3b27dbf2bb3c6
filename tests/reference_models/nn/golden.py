"""What the public recipe's own generator computed; see ``tests/data/golden/README.md``."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

FOLDER = Path(__file__).parents[2] / "data" / "golden"


def vectors(track: int) -> dict[str, Any]:
    with np.load(FOLDER / f"track{track}_public_recipe.npz") as file:
        return {name: file[name] for name in file.files}


def state_dict(vectors: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The deterministic weights under the recipe's own keys."""
    return {
        str(key): torch.from_numpy(_value(str(key), json.loads(str(shape))).astype(np.float32))
        for key, shape in zip(vectors["keys"], vectors["shapes"], strict=True)
    }


def _value(key: str, shape: list[int]) -> np.ndarray:
    rng = np.random.default_rng(zlib.crc32(key.replace("embed_avg", "embed").encode()))
    if key.endswith("original0"):
        return rng.uniform(0.6, 1.2, shape)
    if key.endswith("bias"):
        return 0.05 * rng.standard_normal(shape)
    if key.endswith(("project_in.weight", "project_out.weight")):
        return rng.standard_normal(shape) / np.sqrt(shape[1])
    if key.endswith(("embed", "embed_avg")):
        return 0.5 * rng.standard_normal(shape)
    if key.endswith(("cluster_size", "inited")):
        return np.ones(shape)
    assert key.endswith("original1"), key
    return rng.standard_normal(shape)
