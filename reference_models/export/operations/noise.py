"""Noise of a seed."""

from __future__ import annotations

from dataclasses import dataclass

from reference_models.export.operations.operation import WithMemory


@dataclass(frozen=True, kw_only=True)
class AddNoise(WithMemory):
    """Write the first value plus the second times a random value for each row.

    The random values are :func:`reference_models.nn.layers.noise.gaussian` of the row's step in the
    clip. It keeps the number of the next step, ``[1, 1]``, which stays 0 before the clip begins.
    """

    seed: int
