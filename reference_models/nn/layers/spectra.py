"""Spectra as values side by side on the last axis, and the cosine transform of the fourth type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import pi
from types import MappingProxyType

import torch
from torch import Tensor, nn

TABLE_DEVICE = "cpu"
"""Where constants are made, also of a model that is built without values: no file holds them."""
ENERGY_FLOOR = 1e-10
"""Least square of a magnitude, so that its logarithm and the slope of its root are finite."""
MAGNITUDE_CEILING = 100.0
"""Largest magnitude that a logarithm may stand for, against overflow (Siuzdak 2023)."""


def _complex(spectrum: Tensor) -> Tensor:
    return torch.view_as_real(spectrum).transpose(-1, -2).flatten(-2)


def _energy(spectrum: Tensor) -> Tensor:
    real, imaginary = torch.view_as_real(spectrum).unbind(-1)
    return (real.square() + imaginary.square()).clamp(min=ENERGY_FLOOR)


def _magnitude(spectrum: Tensor) -> Tensor:
    return _energy(spectrum).sqrt()


def _log_magnitude(spectrum: Tensor) -> Tensor:
    return _energy(spectrum).log() * 0.5


def _polar(spectrum: Tensor) -> Tensor:
    # Where both parts are zero, torch 2.6 has no number for the slope of atan2, and 0 for angle's.
    # The sum clears the signs of zeros, which are those of one library's algorithm and would make
    # the phase of a negative number pi or -pi.
    return torch.cat((_log_magnitude(spectrum), (spectrum + 0).angle()), -1)


def _from_complex(values: Tensor) -> Tensor:
    return torch.view_as_complex(torch.stack(values.chunk(2, -1), -1))


def _from_polar(values: Tensor) -> Tensor:
    logarithm, phase = values.chunk(2, -1)
    magnitude = logarithm.exp().clamp(max=MAGNITUDE_CEILING)
    parts = magnitude * phase.cos(), magnitude * phase.sin()
    return torch.view_as_complex(torch.stack(parts, -1))


FROM_SPECTRUM: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "complex": _complex,
        "polar": _polar,
        "magnitude": _magnitude,
        "log_magnitude": _log_magnitude,
    }
)
"""The values of a complex spectrum, by the name of their kind."""
TO_SPECTRUM: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {"complex": _from_complex, "polar": _from_polar}
)
"""The complex spectrum that values of a kind stand for."""


class CosineTransform(nn.Module):
    """The orthonormal cosine transform of the fourth type, which is its own inverse.

    Of N values, ``y[k] = sqrt(2 / N) sum x[n] cos(pi / N (n + 1/2) (k + 1/2))``. With
    ``z[n] = x[N - 1 - 2 n] + i x[2 n]`` and ``Z[k] = y[2 k] + i y[N - 1 - 2 k]`` that is
    ``Z[k] = -i sqrt(2 / N) sum z[n] exp(i pi / N (2 n + 1/2) (2 k + 1/2))``: a Fourier transform of
    N / 2 values, which are turned by ``n + 1/8`` before it and by ``k + 1/8`` after it.
    """

    turns: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        halves = torch.arange(size // 2, dtype=torch.float64, device=TABLE_DEVICE)
        angles = pi / size * (halves + 0.125)
        angles -= pi / 4  # half of -i, since values are turned twice; so is the root of the scale
        scale = (2 / size) ** 0.25
        turns = scale * torch.stack((angles.cos(), angles.sin()), -1)
        self.register_buffer("turns", turns.to(torch.get_default_dtype()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the transform of the last axis."""
        turns = torch.view_as_complex(self.turns)
        pairs = torch.stack((x[..., 1::2].flip(-1), x[..., ::2]), -1)
        y = torch.fft.ifft(torch.view_as_complex(pairs) * turns, norm="forward") * turns
        even, odd = torch.view_as_real(y).unbind(-1)
        return torch.stack((even, odd.flip(-1)), -1).flatten(-2)
